import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pemOf } from '../../cli/trust.ts';
import { bundleBytes } from '../../core/evidence/index.ts';
import { bundleOf, testKey } from '../unit/evidence/support/draft.ts';
import { logged, logKey } from '../unit/evidence/support/log.ts';
import { committedDraft } from '../unit/evidence/support/story.ts';
import { inFolder, runPython } from './python.ts';

test('`verify.py` tells by its exit code, for people and as JSON', () =>
  inFolder(async (folder) => {
    const { bundle, pinned } = logged(bundleOf(committedDraft()));
    const [file, note, pem, broken] = ['bundle', 'note', 'key.pem', 'broken'].map((name) =>
      join(folder, name),
    ) as [string, string, string, string];
    writeFileSync(file, bundleBytes(bundle));
    writeFileSync(note, pinned);
    writeFileSync(pem, pemOf(logKey.spki));
    writeFileSync(broken, '{}\n');
    const verify = (...args: readonly string[]) => runPython('verify.py', ...args);

    const good = await verify(file, '--trust', pem, '--checkpoint', note);
    const json = await verify(file, '--trust', logKey.keyId, '--json');
    const sealer = await verify(file, '--trust', testKey.keyId);
    const nothing = await verify(broken, '--trust', pem);
    const wrong = await verify(file, '--trust', note);

    expect([good.code, good.stdout.split('\n').length]).toEqual([0, 5]);
    expect([json.code, JSON.parse(json.stdout).ok]).toEqual([0, true]);
    expect([sealer.code, sealer.stdout]).toEqual([6, expect.stringContaining('complete: unknown')]);
    expect([nothing.code, nothing.stdout]).toEqual([6, expect.stringContaining('not a bundle')]);
    expect([wrong.code, wrong.stdout]).toEqual([2, '']);
  }));
