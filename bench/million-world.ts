import fs from 'node:fs';
import { registry } from '../actions/registry.ts';
import { loadDecisionPoint } from '../adapters/cedar/decision-point.ts';
import { checkpointFolder } from '../adapters/embedded/checkpoints.ts';
import { type ControlPlane, openControlPlane } from '../adapters/embedded/control-plane.ts';
import { dataFolderAt, prepareDataFolder } from '../adapters/embedded/data-folder.ts';
import type { EmbeddedLog } from '../adapters/embedded/log.ts';
import { keyFileSigner } from '../adapters/embedded/signer.ts';
import { CloudRefusedError, InvariantError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Cloud } from '../core/ports/cloud.ts';
import type { Transaction } from '../core/transaction.ts';
import { ACCOUNT_ID, accountOf, policyArn, STEPS } from './worlds.ts';

/** How the transaction of a role shall end. */
export type Fate = Extract<
  Transaction['status'],
  'committed' | 'compensated' | 'rejected' | 'stuck' | 'awaiting-approval'
>;

/** One transaction of this many has the fate; the first that fits. Stuck ones are rare. */
const ONE_OF: readonly (readonly [Fate, number])[] = [
  ['stuck', 4000],
  ['awaiting-approval', 1500],
  ['rejected', 40],
  ['compensated', 15],
];

/** What becomes of the transaction with an index. */
export function fateOf(index: number): Fate {
  return ONE_OF.find(([, every]) => index % every === every - 1)?.[0] ?? 'committed';
}

/** A control plane that logs what it seals. */
export interface MillionPlane extends ControlPlane {
  readonly log: EmbeddedLog;
}

/** Opens a data folder with a simulated account of one role a transaction; makes it when new. */
export function openMillionWorld(folder: string, roles: number): MillionPlane {
  const isNew = !fs.existsSync(dataFolderAt(folder).store);
  const { store, account, key, logKey, checkpoints } = prepareDataFolder(folder);
  const controlPlane = openControlPlane({
    storePath: store,
    accountPath: account,
    signer: keyFileSigner(key),
    operator: 'bench',
    log: { signer: keyFileSigner(logKey), checkpoints: checkpointFolder(checkpoints) },
    decisionPoint: loadDecisionPoint('policies'),
    actions: registry,
    openSession: (simulated, clock) => (session) =>
      fated(simulated.session({ ...session, now: () => clock.now() })),
  });
  if (isNew) controlPlane.account.load(accountOf(roles));
  const { log } = controlPlane;
  if (log === undefined) throw new InvariantError('a data folder has a log');
  return { ...controlPlane, log };
}

/** The plan of five steps on the role of an index. */
export function planAt(index: number): JsonObject & { readonly agent: string } {
  const fate = fateOf(index);
  const agent = fate === 'awaiting-approval' ? 'iam-auditor-propose' : 'iam-auditor';
  return {
    agent,
    target: { partition: 'aws', accountId: ACCOUNT_ID },
    purpose: `remove what \`role-${index}\` does not use`,
    deadlineMs: 24 * 60 * 60 * 1000,
    steps: Array.from({ length: STEPS }, (_, step) => ({
      id: `step-${step}`,
      action: 'iam:DetachRolePolicy',
      // Of a policy that is not attached: preflight finds it, and rejects.
      input: {
        RoleName: `role-${index}`,
        PolicyArn: policyArn(fate === 'rejected' ? step + 1 : step),
      },
    })),
  };
}

/** Refuses the last call of a role that shall be compensated, and the way back of a stuck one. */
function fated(cloud: Cloud): Cloud {
  return {
    call(request) {
      const { operation, input } = request;
      const [, index] = /^role-(\d+)$/.exec(String(input['RoleName'] ?? '')) ?? [];
      if (index === undefined) return cloud.call(request);
      const fate = fateOf(Number(index));
      const isLast = input['PolicyArn'] === policyArn(STEPS - 1);
      const isRefused =
        (fate === 'compensated' || fate === 'stuck') &&
        ((operation === 'iam:DetachRolePolicy' && isLast) ||
          (operation === 'iam:AttachRolePolicy' && fate === 'stuck'));
      return isRefused
        ? Promise.reject(new CloudRefusedError('LimitExceeded', 'refused by the benchmark'))
        : cloud.call(request);
    },
  };
}
