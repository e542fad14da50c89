import { CreateKeyCommand, DisableKeyCommand, type KeySpec, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kmsSigner } from '../../../adapters/aws/signer.ts';
import type { Signer } from '../../../core/ports/signer.ts';
import { signerContract } from '../../contract/signer-contract.ts';
import { clientOptions, type Emulator, startEmulator } from '../emulator/emulator.ts';

let emulator: Emulator;
let client: KMSClient;
let signer: Signer;
const makeKey = async (KeySpec: KeySpec): Promise<string> => {
  const made = await client.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'SIGN_VERIFY' }));
  return made.KeyMetadata?.KeyId ?? '';
};
beforeAll(async () => {
  emulator = await startEmulator();
  client = new KMSClient(clientOptions(emulator));
  signer = await kmsSigner({ client, keyId: await makeKey('ECC_NIST_P256') });
});
afterAll(async () => {
  client.destroy();
  await emulator.stop();
});

signerContract('aws, KMS', () => signer);

describe('a key of KMS', () => {
  it('of another kind is refused', async () => {
    const keyId = await makeKey('RSA_2048');

    await expect(kmsSigner({ client, keyId })).rejects.toMatchObject({ code: 'key-invalid' });
  });

  it('that is disabled signs nothing', async () => {
    const keyId = await makeKey('ECC_NIST_P256');
    const other = await kmsSigner({ client, keyId });
    await client.send(new DisableKeyCommand({ KeyId: keyId }));

    await expect(other.sign(new Uint8Array([1]))).rejects.toThrow();
  });
});
