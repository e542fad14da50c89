import { describe, expect, test } from '@jest/globals';
import { createClient } from '../../../api/client.ts';
import { ATTEMPTS_MAX, type Transport } from '../../../api/transport.ts';
import { PLAN } from './api-world.ts';

const TRANSACTION = {
  id: 'tx-1',
  status: 'proposed',
  agent: PLAN.agent,
  target: PLAN.target,
  purpose: PLAN.purpose,
  createdAt: '2026-01-01T00:00:00.000Z',
};
const PROPOSED = { transaction: TRANSACTION, isNew: true, idempotencyKey: 'k' };

/** Answers in turn; what is an error is thrown, as when the line is cut. */
const scripted = (answers: readonly (Response | Error)[], more: Partial<Transport> = {}) => {
  const seen: Request[] = [];
  const slept: number[] = [];
  const client = createClient({
    endpoint: 'http://control-plane.test/stage/',
    random: () => 0.5,
    sleep: async (ms) => {
      slept.push(ms);
    },
    async fetch(request) {
      seen.push(request);
      const answer = answers[seen.length - 1];
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no more');
      return answer;
    },
    ...more,
  });
  return { client, seen, slept };
};
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const cut = () => new TypeError('fetch failed');

describe('an answer that does not come', () => {
  test.each([
    ['429', () => json(429, {})],
    ['500', () => json(500, {})],
    ['502 of a gateway', () => new Response('<html>', { status: 502 })],
    ['503', () => json(503, {})],
    ['a cut line', cut],
  ])('is asked for again with the same key: %s', async (_, fails) => {
    const { client, seen, slept } = scripted([fails(), fails(), json(202, PROPOSED)]);

    const { transaction } = await client.propose(PLAN);

    expect(transaction.id).toBe('tx-1');
    expect(seen).toHaveLength(3);
    expect(new Set(seen.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
    expect(seen[0]?.url).toBe('http://control-plane.test/stage/v1/transactions');
    expect(slept[1]).toBeGreaterThan(slept[0] as number);
  });

  test('is asked for so often and no more', async () => {
    const { client, seen } = scripted(Array.from({ length: 9 }, cut));

    await expect(client.propose(PLAN)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'endpoint-unreachable',
    });

    expect(seen).toHaveLength(ATTEMPTS_MAX);
  });

  test('is waited for as long as was asked, but not for ever', async () => {
    const short = scripted([json(503, {}, { 'retry-after': '7' }), json(202, PROPOSED)]);
    const long = scripted([json(503, {}, { 'retry-after': '3600' }), json(202, PROPOSED)]);

    await short.client.propose(PLAN);

    expect(short.slept).toEqual([7000]);
    await expect(long.client.propose(PLAN)).rejects.toMatchObject({ code: 'http-503' });
    expect(long.seen).toHaveLength(1);
  });

  test('of what must not be done twice is not asked for again', async () => {
    const lost = scripted([cut(), json(202, TRANSACTION)]);
    const busy = scripted([json(503, {}), json(202, TRANSACTION)]);

    await expect(lost.client.resume('tx-1')).rejects.toMatchObject({
      code: 'endpoint-unreachable',
    });
    await busy.client.resume('tx-1');

    expect(lost.seen).toHaveLength(1);
    expect(busy.seen).toHaveLength(2);
  });

  test.each([400, 401, 403, 404, 409, 413, 415, 422])('is for good: %s', async (status) => {
    const { client, seen } = scripted([json(status, {}), json(202, PROPOSED)]);

    await expect(client.propose(PLAN)).rejects.toMatchObject({ code: `http-${status}` });

    expect(seen).toHaveLength(1);
  });
});

describe('a transport', () => {
  test('signs every attempt anew', async () => {
    let signatures = 0;
    const { client, seen } = scripted([json(503, {}), json(202, PROPOSED)], {
      async sign(request) {
        signatures += 1;
        const signed = new Request(request);
        signed.headers.set('x-signature', String(signatures));
        return signed;
      },
    });

    await client.propose(PLAN);

    expect(seen.map(({ headers }) => headers.get('x-signature'))).toEqual(['1', '2']);
  });

  test('refuses what it does not understand', async () => {
    const { client } = scripted([json(200, { status: 'fine' })]);

    await expect(client.health()).rejects.toMatchObject({ code: 'answer-not-understood' });
  });

  test('fetches a large bundle from elsewhere without its token', async () => {
    const elsewhere = 'https://bundles.test/one?signature=x';
    const redirect = new Response(null, { status: 303, headers: { location: elsewhere } });
    const { client, seen } = scripted([redirect, new Response('bytes')], { token: 'canary' });

    const bytes = await client.readBundle('tx-1');

    expect(Buffer.from(bytes).toString()).toBe('bytes');
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer canary');
    expect(seen[1]?.url).toBe(elsewhere);
    expect([...(seen[1]?.headers.entries() ?? [])]).toEqual([]);
  });
});
