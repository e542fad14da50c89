import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { halt } from '../../../core/tasks/halt.ts';
import {
  type ApiWorld,
  openApiWorld,
  PLAN,
  problemIn,
  proposing,
  type Sending,
} from './api-world.ts';

const PATH = '/v1/transactions';
const KEY = { 'idempotency-key': 'one' };

let opened: ApiWorld;
beforeEach(() => {
  opened = openApiWorld();
});
afterEach(() => opened.close());

const nothingIsProposed = async () => {
  expect(opened.started).toEqual([]);
  expect((await opened.world.ports.store.list({ limit: 1 })).transactions).toEqual([]);
};

describe('who is not known', () => {
  test.each([
    ['GET', PATH],
    ['POST', PATH],
    ['GET', '/v1/transactions/tx-1'],
    ['POST', '/v1/transactions/tx-1/cancel'],
    ['PUT', '/v1/kill-switch'],
    ['GET', '/v1/actions'],
    ['GET', '/v1/policies'],
    ['GET', '/v1/anything'],
  ])('gets nothing: %s %s', async (method, path) => {
    const response = await opened.send(path, { method });

    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await problemIn(response)).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  test('may ask whether the control plane answers', async () => {
    const response = await opened.send('/v1/health');

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok', version: '1.2.3' });
  });
});

describe('a proposal that cannot be', () => {
  const plan = JSON.stringify(PLAN);
  const cases: readonly (readonly [string, Sending, number, string])[] = [
    ['without a key', { json: PLAN }, 400, 'key-missing'],
    [
      'with an empty key',
      { json: PLAN, headers: { 'idempotency-key': '' } },
      400,
      'invalid-request',
    ],
    [
      'of another content type',
      { text: plan, headers: { ...KEY, 'content-type': 'text/plain' } },
      415,
      'unsupported-media-type',
    ],
    [
      'in another character set',
      { text: plan, headers: { ...KEY, 'content-type': 'application/json; charset=latin1' } },
      415,
      'unsupported-media-type',
    ],
    ['of broken JSON', { text: '{"agent":', headers: KEY }, 400, 'invalid-json'],
    [
      'of bytes that are not UTF-8',
      { text: new Uint8Array([0x22, 0xff, 0x22]), headers: KEY },
      400,
      'not-utf8',
    ],
    ['with a key twice', { text: '{"agent":"a","agent":"b"}', headers: KEY }, 400, 'duplicate-key'],
    [
      'with a number that no double holds',
      { text: plan.replace(/"deadlineMs":\d+/, '"deadlineMs":9007199254740993'), headers: KEY },
      400,
      'integer-too-large',
    ],
    [
      'with a float',
      { text: plan.replace(/"deadlineMs":\d+/, '"deadlineMs":1.5'), headers: KEY },
      400,
      'float-not-allowed',
    ],
    [
      'with an unknown field',
      { json: { ...PLAN, actor: 'agent:x' }, headers: KEY },
      400,
      'invalid-plan',
    ],
    [
      'of an unknown action',
      { json: { ...PLAN, steps: [{ id: 'a', action: 'iam:Nope', input: {} }] }, headers: KEY },
      400,
      'unknown-action',
    ],
    [
      'above the bound',
      { text: `${plan}${' '.repeat(256 * 1024)}`, headers: KEY },
      413,
      'body-too-large',
    ],
    ['with an unknown query', { json: PLAN, headers: KEY }, 400, 'invalid-request'],
  ];

  test.each(cases)('%s', async (name, sending, status, code) => {
    const path = name.includes('query') ? `${PATH}?dry=true` : PATH;

    const response = await opened.send(path, { as: 'auditor', method: 'POST', ...sending });

    expect(await problemIn(response)).toMatchObject({ status, code });
    await nothingIsProposed();
  });

  test('of a body that says to be too large is not read at all', async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1;
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const sending = proposing();

    const response = await opened.send(PATH, {
      ...sending,
      text: body as unknown as Uint8Array,
      headers: { ...sending.headers, 'content-length': '300000' },
    });

    expect(await problemIn(response)).toMatchObject({ status: 413, code: 'body-too-large' });
    expect(pulled).toBe(0);
  });

  test('of a body whose length is not said is read no further than its bound', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        if (pulled > 100) controller.close();
        else controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
      },
    });

    const response = await opened.send(PATH, {
      ...proposing(),
      text: endless as unknown as Uint8Array,
    });

    expect(await problemIn(response)).toMatchObject({ status: 413, code: 'body-too-large' });
    expect(pulled).toBeLessThan(10);
  });
});

describe('what is refused', () => {
  test('a plan in the name of another agent', async () => {
    const response = await opened.send(PATH, { ...proposing(), as: 'stranger' });

    expect(await problemIn(response)).toMatchObject({ status: 403, code: 'foreign-agent' });
    await nothingIsProposed();
  });

  test('an agent without a permit, or one that does not exist', async () => {
    const plan = { ...PLAN, agent: 'stranger' };

    const response = await opened.send(PATH, { ...proposing(plan), as: 'stranger' });

    expect(await problemIn(response)).toMatchObject({
      status: 403,
      code: 'unknown-principal',
      policies: [],
    });
    await nothingIsProposed();
  });

  test('a plan that is too large, by the policy that says so, with its advice', async () => {
    const steps = Array.from({ length: 100 }, (_, index) => ({
      ...PLAN.steps[0],
      id: `step-${index}`,
    }));

    const response = await opened.send(PATH, proposing({ ...PLAN, steps }));

    const problem = await problemIn(response);
    expect(problem).toMatchObject({ status: 403, code: 'denied' });
    expect(problem.policies).toEqual([
      { id: 'blast-radius-steps', advice: expect.stringContaining('split it') },
    ]);
    await nothingIsProposed();
  });

  test('an operator who proposes', async () => {
    const response = await opened.send(PATH, { ...proposing(), as: 'ops' });

    expect(await problemIn(response)).toMatchObject({ status: 403, code: 'agents-only' });
    await nothingIsProposed();
  });

  test('a proposal under the kill switch', async () => {
    const { ports } = opened.world;
    await halt(ports, { operator: 'ops', scope: 'all', mode: 'drain', reason: 'a test' });

    const response = await opened.send(PATH, proposing());

    expect(await problemIn(response)).toMatchObject({ status: 409, code: 'drain' });
    await nothingIsProposed();
  });

  test('a key that had brought another plan', async () => {
    await opened.send(PATH, proposing(PLAN, 'same'));

    const response = await opened.send(PATH, proposing({ ...PLAN, purpose: 'other' }, 'same'));

    expect(await problemIn(response)).toMatchObject({
      status: 422,
      code: 'idempotency-key-reused',
    });
  });
});
