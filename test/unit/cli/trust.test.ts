import { createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { prepareDataFolder } from '../../../adapters/embedded/data-folder.ts';
import { keyFileSigner } from '../../../adapters/embedded/signer.ts';
import { pemOf, trustOf } from '../../../cli/trust.ts';
import { InvalidInputError } from '../../../core/errors.ts';

describe('whom evidence is trusted from', () => {
  let scratch = '';
  let own = '';
  let log = '';
  const file = (name: string) => join(scratch, name);

  beforeAll(() => {
    scratch = fs.mkdtempSync(join(os.tmpdir(), 'interlock-trust-'));
    prepareDataFolder(file('data'));
    const { keyId, publicKey } = keyFileSigner(file('data/key.pem'));
    own = keyId;
    log = keyFileSigner(file('data/log-key.pem')).keyId;
    fs.writeFileSync(file('key.pem'), pemOf(publicKey));
    fs.writeFileSync(file('key.der'), publicKey);
    fs.writeFileSync(file('text'), 'not a key');
  });
  afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

  test('nobody, where there is no data folder and nobody is named', () => {
    expect(trustOf(file('none'), {})).toEqual({ trustedKeyIds: [] });
    expect(fs.existsSync(file('none'))).toBe(false);
  });

  test('the data folder itself: its log, and the key that seals', () => {
    expect(trustOf(file('data'), {})).toEqual({ trustedKeyIds: [log, own] });
  });

  test.each(['key.pem', 'key.der'])('a public key file, %s', (name) => {
    expect(trustOf(file('none'), { trust: [file(name)] })).toEqual({ trustedKeyIds: [own] });
  });

  test('a fingerprint, in either case', () => {
    const trust = [own.toUpperCase(), own];

    expect(trustOf(file('none'), { trust })).toEqual({ trustedKeyIds: [own, own] });
  });

  test('a checkpoint from before, as it is', () => {
    fs.writeFileSync(file('note'), 'a note\n');

    expect(trustOf(file('none'), { checkpoint: file('note') }).checkpoint).toBe('a note\n');
  });

  test('the key inside the file only when asked for', () => {
    expect(trustOf(file('none'), { trustEmbeddedKey: true }).trustEmbeddedKey).toBe(true);
    expect(trustOf(file('none'), {}).trustEmbeddedKey).toBeUndefined();
  });

  test.each([
    ['text', 'key-invalid'],
    ['missing', 'file-not-found'],
    ['data', 'file-unreadable'],
    ['data/key.pem', 'key-invalid'],
  ])('never %s: %s', (name, code) => {
    expect(() => trustOf(file('none'), { trust: [file(name)] })).toThrow(
      expect.objectContaining({ code, name: InvalidInputError.name }),
    );
  });

  test('prints a key that other tools read', () => {
    const { publicKey } = keyFileSigner(file('data/key.pem'));

    expect(createPublicKey(pemOf(publicKey)).asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });
});
