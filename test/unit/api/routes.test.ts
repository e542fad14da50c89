import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EmbeddedLog } from '../../../adapters/embedded/log.ts';
import { Bundle, RecordList } from '../../../api/evidence-shapes.ts';
import {
  ActionList,
  DryRun,
  KillStatus,
  PolicyList,
  Proposed,
  TransactionDetail,
  TransactionList,
  TransactionSummary,
} from '../../../api/shapes.ts';
import { parseBundle, verifyBundle } from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import {
  type ApiWorld,
  DENIED_PLAN,
  openApiWorld,
  PLAN,
  problemIn,
  proposing,
} from './api-world.ts';

const PATH = '/v1/transactions';

let opened: ApiWorld;
beforeEach(() => {
  opened = openApiWorld();
});
afterEach(() => opened.close());

const propose = async (plan: unknown = PLAN): Promise<string> => {
  const response = await opened.send(PATH, proposing(plan));
  const { transaction } = Proposed.parse(await response.json());
  await opened.settled();
  return transaction.id;
};

describe('a proposal', () => {
  test('is accepted with its address, and commits', async () => {
    const response = await opened.send(PATH, proposing());

    const { transaction, isNew } = Proposed.parse(await response.json());
    await opened.settled();
    expect(response.status).toBe(202);
    expect(isNew).toBe(true);
    const location = response.headers.get('location') ?? '';
    expect(location).toBe(`${PATH}/${transaction.id}`);
    const detail = TransactionDetail.parse(
      await (await opened.send(location, { as: 'auditor' })).json(),
    );
    expect(detail.transaction.status).toBe('committed');
    for (const { appliedAt = '', enforcedAt = '' } of detail.steps) {
      expect(Date.parse(appliedAt)).toBeGreaterThanOrEqual(
        Date.parse(detail.transaction.createdAt),
      );
      expect(Date.parse(enforcedAt)).toBeGreaterThanOrEqual(Date.parse(appliedAt));
    }
  });

  test('of one key, many times at once, is one transaction', async () => {
    const sending = proposing();

    const responses = await Promise.all(
      Array.from({ length: 8 }, () => opened.send(PATH, sending)),
    );

    const all = await Promise.all(responses.map(async (one) => Proposed.parse(await one.json())));
    expect(new Set(all.map((one) => one.transaction.id)).size).toBe(1);
    expect(all.filter((one) => one.isNew)).toHaveLength(1);
    expect((await opened.world.ports.store.list({ limit: 9 })).transactions).toHaveLength(1);
  });

  test('that a step is denied to ends rejected, by which policy', async () => {
    const id = await propose(DENIED_PLAN);

    const response = await opened.send(`${PATH}/${id}`, { as: 'auditor' });

    const { transaction } = TransactionDetail.parse(await response.json());
    expect(transaction).toMatchObject({ status: 'rejected', reason: { code: 'denied' } });
    expect(transaction.reason?.message).toContain('no-step-may-widen');
  });

  test('as a dry run needs no key, says what would be and starts nothing', async () => {
    const before = opened.world.account.digest();

    const allowed = await opened.send(`${PATH}?dryRun=true`, { as: 'auditor', json: PLAN });
    const denied = await opened.send(`${PATH}?dryRun=true`, { as: 'auditor', json: DENIED_PLAN });

    expect(DryRun.parse(await allowed.json()).answer).toBe('allow');
    const report = DryRun.parse(await denied.json());
    expect(report.answer).toBe('deny');
    expect(report.steps[0]?.decision.reasons.map(({ id }) => id)).toContain('no-step-may-widen');
    expect(opened.started).toEqual([]);
    expect(opened.world.account.digest()).toBe(before);
    const list = await opened.send(PATH, { as: 'ops' });
    expect(TransactionList.parse(await list.json()).transactions).toEqual([]);
  });
});

describe('what a caller sees', () => {
  test('an agent sees its own, and of others not that they exist', async () => {
    const id = await propose();
    const paths = ['', '/records', '/bundle'].map((one) => `${PATH}/${id}${one}`);

    for (const path of [...paths, `${PATH}/tx-none`])
      expect(await problemIn(await opened.send(path, { as: 'stranger' }))).toMatchObject({
        status: 404,
        code: 'transaction-not-found',
      });
    const cancel = { as: 'stranger', method: 'POST' } as const;
    expect((await opened.send(`${PATH}/${id}/cancel`, cancel)).status).toBe(404);
    expect((await opened.send(`${PATH}/${id}/undo`, cancel)).status).toBe(404);
    for (const query of ['', '?agent=iam-auditor']) {
      const list = await opened.send(`${PATH}${query}`, { as: 'stranger' });
      expect(TransactionList.parse(await list.json())).toEqual({ transactions: [] });
    }
    for (const path of paths)
      for (const as of ['auditor', 'ops'] as const)
        expect((await opened.send(path, { as })).status).toBe(200);
  });

  test('the records and the bundle are the evidence, which verifies', async () => {
    const id = await propose();

    const records = await opened.send(`${PATH}/${id}/records?from=1`, { as: 'auditor' });
    await opened.world.sequence();
    const bundle = await opened.send(`${PATH}/${id}/bundle`, { as: 'auditor' });

    const list = RecordList.parse(await records.json());
    expect(list.records[0]?.seq).toBe(1);
    const bytes = new Uint8Array(await bundle.arrayBuffer());
    Bundle.parse(JSON.parse(Buffer.from(bytes).toString()));
    const { keyId } = opened.world.controlPlane.log as EmbeddedLog;
    const verdict = verifyBundle(nodeCrypto, parseBundle(bytes), { trustedKeyIds: [keyId] });
    expect(verdict.ok).toBe(true);
    expect(parseBundle(bytes).records).toHaveLength(list.records.length + 1);
  });

  test('what there is to know: actions with their schemas, policies, the OpenAPI document', async () => {
    const actions = await opened.send('/v1/actions', { as: 'auditor' });
    const policies = await opened.send('/v1/policies', { as: 'auditor' });

    const list = ActionList.parse(await actions.json());
    expect(list.actions.map(({ id }) => id)).toContain('iam:DetachRolePolicy');
    expect(list.actions[0]?.input).toMatchObject({ type: 'object', additionalProperties: false });
    expect(PolicyList.parse(await policies.json()).policySetDigest).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('operators', () => {
  const operate = (path: string, json?: unknown, as: 'ops' | 'auditor' = 'ops') =>
    opened.send(path, { as, method: 'POST', ...(json === undefined ? {} : { json }) });

  test.each([
    ['POST', `${PATH}/tx-1/resume`, undefined],
    ['POST', `${PATH}/tx-1/resolve`, { as: 'applied', reason: 'x' }],
    ['GET', '/v1/kill-switch', undefined],
    ['PUT', '/v1/kill-switch', { scope: 'all', mode: 'running', reason: 'x' }],
  ])('alone may: %s %s', async (method, path, json) => {
    const response = await opened.send(path, {
      as: 'auditor',
      method,
      ...(json === undefined ? {} : { json }),
    });

    expect(await problemIn(response)).toMatchObject({ status: 403, code: 'operators-only' });
    const control = (await opened.world.ports.store.streams()).find((one) => one.startsWith('c'));
    const records = await opened.world.ports.store.records(control ?? '');
    const last = JSON.parse(Buffer.from(records.at(-1) as Uint8Array).toString());
    expect(last).toMatchObject({ kind: 'refused', actor: 'agent:iam-auditor' });
  });

  test('move the kill switch with a reason', async () => {
    const move = (json: unknown) =>
      opened.send('/v1/kill-switch', { as: 'ops', method: 'PUT', json });

    const refused = await move({ scope: 'all', mode: 'halt', reason: ' ' });
    const unknown = await move({ scope: 'all', mode: 'halt', reason: 'x', by: 'someone' });
    const engaged = await move({ scope: 'all', mode: 'halt', reason: 'look' });

    expect(await problemIn(refused)).toMatchObject({ status: 400, code: 'invalid-reason' });
    expect(await problemIn(unknown)).toMatchObject({ status: 400, code: 'invalid-body' });
    expect(KillStatus.parse(await engaged.json())).toMatchObject({ effective: 'halt', by: 'ops' });
    expect((await opened.send(PATH, proposing())).status).toBe(409);
  });

  test('freeze parks, and resume goes on after the release', async () => {
    const move = (mode: string) =>
      opened.send('/v1/kill-switch', {
        as: 'ops',
        method: 'PUT',
        json: { scope: 'all', mode, reason: 'a test' },
      });
    const transaction = await opened.world.propose(PLAN.steps);
    await move('freeze');
    await opened.world.run(transaction);
    await move('running');

    const response = await operate(`${PATH}/${transaction.id}/resume`);

    expect(response.status).toBe(202);
    expect(TransactionSummary.parse(await response.json()).id).toBe(transaction.id);
    await opened.settled();
    expect((await opened.world.load(transaction.id)).status).toBe('committed');
    const again = await operate(`${PATH}/${transaction.id}/resume`);
    expect(await problemIn(again)).toMatchObject({ status: 409, code: 'not-parked' });
  });

  test('undo waits for an approval, and cancelling it ends it', async () => {
    const id = await propose();

    const undone = await operate(`${PATH}/${id}/undo`);

    const { transaction } = Proposed.parse(await undone.json());
    await opened.settled();
    expect((await opened.world.load(transaction.id)).status).toBe('awaiting-approval');
    expect((await operate(`${PATH}/${transaction.id}/cancel`, {}, 'auditor')).status).toBe(202);
    await opened.settled();
    expect((await opened.world.load(transaction.id)).status).toBe('rejected');
    const late = await operate(`${PATH}/${transaction.id}/cancel`);
    expect(await problemIn(late)).toMatchObject({ status: 409, code: 'already-final' });
    const odd = await operate(`${PATH}/${id}/cancel`, { force: true });
    expect(await problemIn(odd)).toMatchObject({ status: 400, code: 'invalid-body' });
  });

  test('resolve only what is stuck', async () => {
    const id = await propose();

    const response = await operate(`${PATH}/${id}/resolve`, { as: 'applied', reason: 'seen' });

    expect(await problemIn(response)).toMatchObject({ status: 409, code: 'not-stuck' });
  });
});
