import type { Transport } from '../../api/transport.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { Remote } from '../invocation.ts';
import { sigV4 } from './sigv4.ts';

/** How an endpoint is reached, and as whom. Throws `InvalidInputError` (`usage`). */
export function transportOf({ endpoint, token, profile, region }: Remote): Transport {
  const url = requireUrl(endpoint);
  if (token !== undefined && (profile !== undefined || region !== undefined))
    throw usage('a call has a token or a signature, not both', 'leave --token out, or --profile');
  if (token !== undefined) return { endpoint, token };
  if (profile === undefined && region === undefined)
    throw usage('nobody is named who calls', 'set INTERLOCK_TOKEN, or sign with --profile');
  return {
    endpoint,
    sign: sigV4({
      region: region ?? regionOf(url),
      ...(profile === undefined ? {} : { profile }),
    }),
  };
}

function requireUrl(endpoint: string): URL {
  const url = URL.parse(endpoint);
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.username === '')
    return url;
  throw usage('--endpoint is no address of an API', 'for example http://127.0.0.1:4004');
}

/** API Gateway's address names its region. */
function regionOf({ hostname }: URL): string {
  const [, named] = /\.execute-api\.([a-z0-9-]+)\./.exec(hostname) ?? [];
  const region = named ?? process.env['AWS_REGION'];
  if (region !== undefined) return region;
  throw usage('the region to sign for is not known', 'name it with --region');
}

function usage(message: string, hint: string): InvalidInputError {
  return new InvalidInputError('usage', message, { hint });
}
