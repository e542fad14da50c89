import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { prepareDataFolder } from '../../../adapters/embedded/data-folder.ts';
import { createKeyFile, keyFileSigner } from '../../../adapters/embedded/signer.ts';

let folder: string;
let key: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'interlock-folder-'));
  key = join(folder, 'key.pem');
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

/** Another process makes its part right after this one has looked for the key. */
const meanwhile = (make: () => void): void => {
  const exists = fs.existsSync;
  let isDone = false;
  jest.spyOn(fs, 'existsSync').mockImplementation((path) => {
    const found = exists(path);
    if (!isDone && path === key) {
      isDone = true;
      make();
    }
    return found;
  });
};

describe('a data folder', () => {
  test('that has a store and no key is refused', () => {
    fs.writeFileSync(join(folder, 'interlock.db'), '');

    expect(() => prepareDataFolder(folder)).toThrow(
      expect.objectContaining({ code: 'key-missing' }),
    );
    expect(fs.existsSync(key)).toBe(false);
  });

  test('that has a store and no log key is refused', () => {
    prepareDataFolder(folder);
    fs.writeFileSync(join(folder, 'interlock.db'), '');
    fs.rmSync(join(folder, 'log-key.pem'));

    expect(() => prepareDataFolder(folder)).toThrow(
      expect.objectContaining({
        code: 'log-key-missing',
        hint: expect.stringContaining('log-key.pem'),
      }),
    );
  });

  test.each([
    ['key', false],
    ['key and store', true],
  ])('takes the %s that another process makes at the same time', (_what, hasStore) => {
    let made = '';
    meanwhile(() => {
      createKeyFile(key);
      made = fs.readFileSync(key, 'utf8');
      if (hasStore) fs.writeFileSync(join(folder, 'interlock.db'), '');
    });

    prepareDataFolder(folder);

    expect(made).not.toBe('');
    expect(fs.readFileSync(key, 'utf8')).toBe(made);
    expect(fs.readdirSync(folder)).toHaveLength(hasStore ? 3 : 2);
  });

  test('has a whole key or none', () => {
    jest.spyOn(fs, 'writeSync').mockImplementationOnce(() => {
      throw new Error('the disk is full');
    });

    expect(() => prepareDataFolder(folder)).toThrow(
      expect.objectContaining({ code: 'data-folder' }),
    );
    expect(fs.readdirSync(folder)).toEqual([]);

    prepareDataFolder(folder);

    expect(keyFileSigner(key).keyId).toMatch(/^[0-9a-f]{64}$/);
  });
});
