import { AwsClient } from 'aws4fetch';

/** Credentials of a caller, as the SDK's providers give them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What API Gateway is called in a signature. */
const SERVICE = 'execute-api';

/**
 * Signs requests to API Gateway (SigV4) with whatever credentials there are at that moment: a
 * session is renewed while its program runs.
 */
export function requestSigner(parts: {
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
}): (request: Request) => Promise<Request> {
  return async (request) => {
    const { accessKeyId, secretAccessKey, sessionToken } = await parts.credentials();
    const client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      region: parts.region,
      service: SERVICE,
    });
    return client.sign(request);
  };
}
