import { KMSClient } from '@aws-sdk/client-kms';
import { kmsSigner } from '../adapters/aws/signer.ts';
import { CLIENT } from './clients.ts';
import { variable } from './environment.ts';

/** The signer of the deployed key. */
export const openSigner = () =>
  kmsSigner({ client: new KMSClient(CLIENT), keyId: variable('SIGNING_KEY') });
