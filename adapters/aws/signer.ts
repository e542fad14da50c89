import { createHash } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { InvalidInputError, InvariantError } from '../../core/errors.ts';
import type { Signer } from '../../core/ports/signer.ts';
import { repeatable } from './sdk-errors.ts';

const KEY_SPEC = 'ECC_NIST_P256';
const ALGORITHM = 'ECDSA_SHA_256';
const UNREACHABLE = 'signer-unreachable';

/**
 * The signer of a KMS key, which never leaves KMS; its public half is read once. Throws
 * `InvalidInputError` (`key-invalid`) for a key of another kind, `TransientError` when KMS is out
 * of reach.
 */
export async function kmsSigner({
  client,
  keyId,
}: {
  readonly client: KMSClient;
  /** Id, ARN or alias of the key in KMS. */
  readonly keyId: string;
}): Promise<Signer> {
  const command = new GetPublicKeyCommand({ KeyId: keyId });
  const { KeySpec, PublicKey } = await repeatable(UNREACHABLE, () => client.send(command));
  if (KeySpec !== KEY_SPEC || PublicKey === undefined)
    throw new InvalidInputError('key-invalid', `the signing key is not of \`${KEY_SPEC}\``);
  return {
    publicKey: PublicKey,
    keyId: createHash('sha256').update(PublicKey).digest('hex'),
    async sign(message) {
      // The digest: KMS takes no message above 4,096 bytes.
      const Message = createHash('sha256').update(message).digest();
      const wanted = { KeyId: keyId, Message, MessageType: 'DIGEST' } as const;
      const sign = new SignCommand({ ...wanted, SigningAlgorithm: ALGORITHM });
      const { Signature } = await repeatable(UNREACHABLE, () => client.send(sign));
      if (Signature === undefined) throw new InvariantError('KMS must answer a signature');
      return Signature;
    },
  };
}
