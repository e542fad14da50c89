import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { AwsClient } from 'aws4fetch';
import type { Transport } from '../../api/transport.ts';
import { InvalidInputError } from '../../core/errors.ts';

/** What API Gateway is called in a signature. */
const SERVICE = 'execute-api';

/** Signs requests with the credentials that the AWS CLI would use (SigV4). */
export function sigV4({
  profile,
  region,
}: {
  readonly profile?: string;
  readonly region: string;
}): NonNullable<Transport['sign']> {
  const credentials = defaultProvider(profile === undefined ? {} : { profile });
  return async (request) => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials().catch(
      (cause: unknown) => {
        throw new InvalidInputError(
          'credentials-missing',
          'there are no AWS credentials to sign with',
          {
            hint: 'see whether `aws sts get-caller-identity` works',
            cause,
          },
        );
      },
    );
    const signer = new AwsClient({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      service: SERVICE,
      region,
    });
    return signer.sign(request);
  };
}
