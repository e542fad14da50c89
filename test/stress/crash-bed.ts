import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDecisionPoint } from '../../adapters/cedar/decision-point.ts';
import { openControlPlane } from '../../adapters/embedded/control-plane.ts';
import { prepareDataFolder } from '../../adapters/embedded/data-folder.ts';
import { keyFileSigner } from '../../adapters/embedded/signer.ts';
import type { DecisionPoint } from '../../core/ports/decision-point.ts';
import { crashAccount } from './crash-account.ts';

/** When the clocks of the crash test begin, epoch milliseconds. */
export const STARTS_AT = Date.UTC(2026, 0, 1);

/** Where a crash test takes place: data folders that are copies of prepared ones. */
export interface Bed {
  readonly decisionPoint: DecisionPoint;
  readonly cacheFolder: string;
  /** A data folder with an account and nothing else, cleanly closed. */
  readonly template: string;
  /** The digest of the template's account. */
  readonly beforeDigest: string;
  /** A fresh copy of a data folder whose processes have ended. */
  copy(folder: string): string;
  remove(folder: string): void;
  close(): void;
}

/** Prepares a bed in the system's temporary folder. */
export function makeBed(): Bed {
  const root = fs.mkdtempSync(join(tmpdir(), 'interlock-crash-'));
  const decisionPoint = loadDecisionPoint('policies');
  const template = join(root, 'template');
  const files = prepareDataFolder(template);
  const plane = openControlPlane({
    storePath: files.store,
    accountPath: files.account,
    signer: keyFileSigner(files.key),
    decisionPoint,
    operator: 'crash-test',
    clock: { now: () => STARTS_AT, sleep: async () => undefined },
  });
  plane.account.load(crashAccount());
  const beforeDigest = plane.account.digest();
  plane.close();
  let copies = 0;
  return {
    decisionPoint,
    cacheFolder: join(root, 'compiled'),
    template,
    beforeDigest,
    copy(folder) {
      copies += 1;
      const to = join(root, `data-${copies}`);
      fs.cpSync(folder, to, { recursive: true });
      return to;
    },
    remove: (folder) => fs.rmSync(folder, { recursive: true, force: true }),
    close: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}
