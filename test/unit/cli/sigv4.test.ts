import { createHash, createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sigV4 } from '../../../cli/control/sigv4.ts';
import { transportOf } from '../../../cli/control/transport-of.ts';

const ENDPOINT = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';
const VARIABLES = {
  AWS_ACCESS_KEY_ID: 'an-id',
  AWS_SECRET_ACCESS_KEY: 'a-word',
  AWS_SESSION_TOKEN: 'a-session',
} as const;

let before: NodeJS.ProcessEnv;
beforeEach(() => {
  before = process.env;
  process.env = { ...before, ...VARIABLES };
  delete process.env['AWS_REGION'];
});
afterEach(() => {
  process.env = before;
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/** The signature as "Create a signed AWS API request" has it, written down once more. */
const expectedSignature = (request: Request, body: string, signedHeaders: readonly string[]) => {
  const url = new URL(request.url);
  const stamp = request.headers.get('x-amz-date') as string;
  const scope = `${stamp.slice(0, 8)}/eu-west-1/execute-api/aws4_request`;
  const canonical = [
    request.method,
    url.pathname,
    url.searchParams.toString(),
    ...signedHeaders.map((name) =>
      name === 'host' ? `host:${url.host}` : `${name}:${request.headers.get(name)}`,
    ),
    '',
    signedHeaders.join(';'),
    sha256(body),
  ].join('\n');
  const key = [...scope.split('/')].reduce<string | Buffer>(
    (so, part) => hmac(so, part),
    `AWS4${VARIABLES.AWS_SECRET_ACCESS_KEY}`,
  );
  return hmac(key, ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n')).toString(
    'hex',
  );
};

describe('a signed request', () => {
  test.each([
    ['GET', '/v1/transactions?limit=5', ''],
    ['POST', '/v1/transactions', '{"agent":"x"}'],
  ])('has the signature that AWS asks for: %s %s', async (method, path, body) => {
    const sign = sigV4({ region: 'eu-west-1' });

    const signed = await sign(
      new Request(`${ENDPOINT}${path}`, {
        method,
        ...(body === '' ? {} : { body, headers: { 'content-type': 'application/json' } }),
      }),
    );

    const authorization = signed.headers.get('authorization') ?? '';
    const [, names = '', signature] =
      /SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(authorization) ?? [];
    expect(authorization).toContain('Credential=an-id/');
    expect(signed.headers.get('x-amz-security-token')).toBe('a-session');
    expect(signature).toBe(expectedSignature(signed, body, names.split(';')));
    expect(await signed.text()).toBe(body);
  });

  test('is signed for the region that the address names', async () => {
    const { sign } = transportOf({ endpoint: ENDPOINT, profile: 'not-there' });

    expect(sign).toBeDefined();
    expect(() => transportOf({ endpoint: 'https://elsewhere.test', profile: 'x' })).toThrow(
      'the region to sign for is not known',
    );
  });
});
