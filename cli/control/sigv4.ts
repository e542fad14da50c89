import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { requestSigner } from '../../adapters/aws/request-signer.ts';
import type { Transport } from '../../api/transport.ts';
import { InvalidInputError } from '../../core/errors.ts';

/** Signs requests with the credentials that the AWS CLI would use (SigV4). */
export function sigV4({
  profile,
  region,
}: {
  readonly profile?: string;
  readonly region: string;
}): NonNullable<Transport['sign']> {
  const provide = defaultProvider(profile === undefined ? {} : { profile });
  const credentials = () =>
    provide().catch((cause: unknown) => {
      throw new InvalidInputError(
        'credentials-missing',
        'there are no AWS credentials to sign with',
        { hint: 'see whether `aws sts get-caller-identity` works', cause },
      );
    });
  return requestSigner({ region, credentials });
}
