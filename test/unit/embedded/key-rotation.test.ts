import { createPrivateKey } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type DataFolder, dataFolderAt } from '../../../adapters/embedded/data-folder.ts';
import { rotateSealKey, sealKeyIdsOf } from '../../../adapters/embedded/key-rotation.ts';
import { keyFileSigner } from '../../../adapters/embedded/signer.ts';
import { openExisting } from '../../../cli/open.ts';
import { parseKeyStatement } from '../../../core/evidence/log-entry.ts';
import { inFolder, proposeIn, scratchFolder } from '../../integration/cli-folder.ts';
import { goOn, verified } from '../../integration/support/log-folder.ts';

const WISH = { actor: 'operator:ops', reason: 'a test', now: Date.now() };

let data: string;
let folder: DataFolder;
beforeEach(async () => {
  data = join(scratchFolder(), 'data');
  folder = dataFolderAt(data);
  await goOn(data, 'detach-legacy');
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(join(data, '..'), { recursive: true, force: true });
});

describe('another key that seals', () => {
  test('replaces the old one, of which the public half is kept', async () => {
    const old = keyFileSigner(folder.key);

    const rotation = await rotateSealKey(folder, WISH);

    const { keyId } = keyFileSigner(folder.key);
    expect(rotation).toEqual({ keyId, replaces: old.keyId });
    expect(keyId).not.toBe(old.keyId);
    expect(sealKeyIdsOf(folder)).toEqual([keyId, old.keyId]);
    const [name = ''] = fs.readdirSync(folder.oldKeys);
    const kept = fs.readFileSync(join(folder.oldKeys, name), 'utf8');
    expect(() => createPrivateKey(kept)).toThrow();
    expect(fs.existsSync(folder.nextKey)).toBe(false);
  });

  test('is entered into the log as what replaces it, and all of it verifies', async () => {
    const { keyId, replaces } = await rotateSealKey(folder, WISH);
    await goOn(data, 'trim-portal');
    const second = await rotateSealKey(folder, WISH);
    await goOn(data, 'narrow-ci-deploy');

    const entries = await inFolder({ data }, ({ log }) => log.store.entries(0, 100));

    const keys = entries.filter(({ of }) => of.kind === 'key');
    expect(keys.map(({ statement }) => parseKeyStatement(statement).keyId)).toEqual([
      replaces,
      keyId,
      second.keyId,
    ]);
    expect(keys.map(({ statement }) => parseKeyStatement(statement).replaces)).toEqual([
      undefined,
      replaces,
      keyId,
    ]);
    expect(await verified(data)).toEqual({ ok: true, problems: [], bad: [] });
  });

  test('is the only one that the store takes seals by, whoever has the old one still', async () => {
    const still = openExisting({ data });
    const transaction = await proposeIn(still, 'trim-portal');
    await rotateSealKey(folder, WISH);

    await still.run(transaction);

    const unsealed = await still.ports.store.load(transaction.id);
    expect(unsealed).toMatchObject({ status: 'committed', sealed: false });
    await expect(still.log.sequence('wait')).rejects.toMatchObject({ code: 'key-replaced' });
    still.close();
    await inFolder({ data }, async (plane) => {
      const one = await plane.ports.store.load(transaction.id);
      if (one !== undefined) await plane.run(one);
      await plane.log.sequence('wait');
    });
    expect(await verified(data)).toEqual({ ok: true, problems: [], bad: [] });
  });

  test('comes into force when the process dies before its file is in place', async () => {
    const old = keyFileSigner(folder.key).keyId;
    jest.spyOn(fs, 'renameSync').mockImplementationOnce(() => {
      throw new Error('the process was killed');
    });
    await expect(rotateSealKey(folder, WISH)).rejects.toThrow('killed');
    expect(keyFileSigner(folder.key).keyId).toBe(old);

    await goOn(data, 'trim-portal');

    expect(keyFileSigner(folder.key).keyId).not.toBe(old);
    expect(await verified(data)).toEqual({ ok: true, problems: [], bad: [] });
  });

  test('does not come into force when the process dies before its record', async () => {
    const old = keyFileSigner(folder.key).keyId;
    const sync = fs.fsyncSync;
    let calls = 0;
    jest.spyOn(fs, 'fsyncSync').mockImplementation((handle) => {
      calls += 1;
      // The new key's file, then its folder.
      if (calls === 4) throw new Error('the process was killed');
      sync(handle);
    });
    await expect(rotateSealKey(folder, WISH)).rejects.toThrow('killed');
    jest.restoreAllMocks();
    expect(fs.existsSync(folder.nextKey)).toBe(true);

    await goOn(data, 'trim-portal');

    expect(keyFileSigner(folder.key).keyId).toBe(old);
    expect(await verified(data)).toEqual({ ok: true, problems: [], bad: [] });
    await rotateSealKey(folder, WISH);
    expect(keyFileSigner(folder.key).keyId).not.toBe(old);
  });
});
