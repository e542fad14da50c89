import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import fs from 'node:fs';
import { basename } from 'node:path';
import { InvalidInputError } from '../../core/errors.ts';
import type { Signer } from '../../core/ports/signer.ts';
import { createDurably } from './durable-file.ts';

/** Who may read the key: its owner. */
const KEY_MODE = 0o600;

/** The signer of a P-256 key file (PKCS #8, PEM). Throws `InvalidInputError` for a key that others
 * may read (`key-mode`), or that is no P-256 key (`key-invalid`). */
export function keyFileSigner(path: string): Signer {
  if ((fs.statSync(path).mode & 0o077) !== 0)
    throw new InvalidInputError('key-mode', 'others than its owner may read the signing key', {
      hint: `run \`chmod 600\` on ${basename(path)} in the data folder`,
    });
  const key = parseKey(fs.readFileSync(path, 'utf8'));
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    publicKey,
    keyId: fingerprintOf(publicKey),
    sign: async (message) => sign('sha256', message, key),
  };
}

/** Makes a key file, whole or not at all; never replaces one (`EEXIST`). */
export function createKeyFile(path: string): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  createDurably(path, pem.toString(), KEY_MODE);
}

/** Names a public key (SPKI, DER): its SHA-256, hex. */
export function fingerprintOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex');
}

function parseKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch (cause) {
    throw new InvalidInputError('key-invalid', 'the signing key cannot be read', { cause });
  }
  throw new InvalidInputError('key-invalid', 'the signing key is not a P-256 key');
}
