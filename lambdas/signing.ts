import { KMSClient } from '@aws-sdk/client-kms';
import { kmsSigner } from '../adapters/aws/signer.ts';
import type { Signer } from '../core/ports/signer.ts';
import { CLIENT } from './clients.ts';
import { variable } from './environment.ts';

/** The signer of the deployed key. */
export const openSigner = () => open(variable('SIGNING_KEY'));

/** The signer of the log: others than its function may read the public half alone. */
export const openLogSigner = () => open(variable('LOG_KEY'));

/** The ids of the keys that seal, and sealed before. */
export async function sealKeyIds(): Promise<readonly string[]> {
  const signers = await Promise.all(variable('SEAL_KEYS').split(' ').map(open));
  return signers.map(({ keyId }) => keyId);
}

function open(keyId: string): Promise<Signer> {
  return kmsSigner({ client: new KMSClient(CLIENT), keyId });
}
