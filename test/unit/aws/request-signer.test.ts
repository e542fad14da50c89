import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type Credentials, requestSigner } from '../../../adapters/aws/request-signer.ts';

const URL_OF_API =
  'https://abc.execute-api.eu-west-1.amazonaws.com/prod/v1/transactions?dryRun=true';
const BODY = '{"purpose":"a test"}';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/** The signature as "Create a signed AWS API request" (IAM User Guide) has it. */
function expectedSignature(request: Request, secret: string): string {
  const { headers, url, method } = request;
  const { pathname, searchParams, host } = new URL(url);
  const authorization = headers.get('authorization') ?? '';
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
  const scope = /Credential=[^/]+\/([^,]+)/.exec(authorization)?.[1] ?? '';
  const lines = names.map((name) => `${name}:${name === 'host' ? host : headers.get(name)}`);
  const canonical = [
    ...[method, pathname, searchParams.toString(), ...lines, '', names.join(';')],
    sha256(BODY),
  ].join('\n');
  const stamp = headers.get('x-amz-date') ?? '';
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, text).toString('hex');
}

const proposal = () =>
  new Request(URL_OF_API, {
    method: 'POST',
    body: BODY,
    headers: { 'content-type': 'application/json', 'idempotency-key': 'key-1' },
  });
const signerWith = (...credentials: readonly Credentials[]) => {
  const left = [...credentials];
  return requestSigner({
    region: 'eu-west-1',
    credentials: async () => {
      const next = left.shift();
      if (next === undefined) throw new Error('no credentials');
      return next;
    },
  });
};
const FIRST = { accessKeyId: 'first', secretAccessKey: 'a-long-word', sessionToken: 'a-session' };
const SECOND = { accessKeyId: 'second', secretAccessKey: 'two' };
const signatureOf = ({ headers }: Request) =>
  /Signature=([0-9a-f]{64})$/.exec(headers.get('authorization') ?? '')?.[1];

describe('a request that is signed', () => {
  test('is not sent without credentials', async () => {
    await expect(signerWith()(proposal())).rejects.toThrow('no credentials');
  });

  test('carries the signature that AWS computes for it', async () => {
    const signed = await signerWith(FIRST)(proposal());

    expect(signatureOf(signed)).toBe(expectedSignature(signed, 'a-long-word'));
    expect(signed.headers.get('authorization')).toMatch(
      /Credential=first\/\d{8}\/eu-west-1\/execute-api\/aws4_request/,
    );
    expect(signed.headers.get('x-amz-security-token')).toBe('a-session');
  });

  test('asks for the same as before, body and key included', async () => {
    const signed = await signerWith(FIRST)(proposal());

    expect([signed.method, signed.url]).toEqual(['POST', URL_OF_API]);
    expect(signed.headers.get('idempotency-key')).toBe('key-1');
    expect(await signed.text()).toBe(BODY);
  });

  test('is signed with the credentials of that moment', async () => {
    const sign = signerWith(FIRST, SECOND);

    await sign(proposal());
    const later = await sign(proposal());

    expect(signatureOf(later)).toBe(expectedSignature(later, 'two'));
    expect(later.headers.get('authorization')).toContain('Credential=second/');
    expect(later.headers.get('x-amz-security-token')).toBeNull();
  });

  test('shows no secret', async () => {
    const signed = await signerWith(FIRST)(proposal());

    expect(JSON.stringify([...signed.headers])).not.toContain('a-long-word');
  });
});
