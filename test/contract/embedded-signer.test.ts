import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createKeyFile, keyFileSigner } from '../../adapters/embedded/signer.ts';
import { memorySigner } from '../integration/support/memory-signer.ts';
import { signerContract } from './signer-contract.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-key-'));
  path = join(folder, 'key.pem');
});
afterEach(() => rmSync(folder, { recursive: true }));

signerContract('in memory, for tests', memorySigner);
signerContract('embedded, a key file', () => {
  createKeyFile(path);
  return keyFileSigner(path);
});

describe('a key file', () => {
  it.each([0o640, 0o604, 0o620, 0o660])('of mode %o is refused', (mode) => {
    createKeyFile(path);
    chmodSync(path, mode);

    expect(() => keyFileSigner(path)).toThrow(expect.objectContaining({ code: 'key-mode' }));
  });

  it('of another curve, or of no key, is refused', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const refused = expect.objectContaining({ code: 'key-invalid' });

    for (const text of [pem, 'no key', '']) {
      writeFileSync(path, text, { mode: 0o600 });
      expect(() => keyFileSigner(path)).toThrow(refused);
    }
  });

  it('is readable by its owner only, and never replaced', () => {
    createKeyFile(path);
    const text = readFileSync(path, 'utf8');

    expect(() => createKeyFile(path)).toThrow('EEXIST');

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(keyFileSigner(path).keyId).toBe(keyFileSigner(path).keyId);
  });
});
