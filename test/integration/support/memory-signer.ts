import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { Signer } from '../../../core/ports/signer.ts';

/** A signer with a new P-256 key that lives in this process only. */
export function memorySigner(): Signer {
  const { privateKey, publicKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = key.export({ type: 'spki', format: 'der' });
  return {
    publicKey,
    keyId: createHash('sha256').update(publicKey).digest('hex'),
    sign: async (message) => sign('sha256', message, privateKey),
  };
}
