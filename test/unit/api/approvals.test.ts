import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Proposed, TransactionDetail, TransactionSummary } from '../../../api/shapes.ts';
import { type ApiWorld, openApiWorld, PLAN, problemIn, proposing } from './api-world.ts';

const PATH = '/v1/transactions';

let opened: ApiWorld;
beforeEach(() => {
  opened = openApiWorld();
});
afterEach(() => opened.close());

/** An undo by the agent, which waits for an operator. */
const waiting = async (): Promise<TransactionDetail['transaction']> => {
  const committed = Proposed.parse(await (await opened.send(PATH, proposing(PLAN))).json());
  await opened.settled();
  const path = `${PATH}/${committed.transaction.id}/undo`;
  const undone = await opened.send(path, { as: 'auditor', method: 'POST' });
  await opened.settled();
  return detail(Proposed.parse(await undone.json()).transaction.id);
};

const detail = async (id: string): Promise<TransactionDetail['transaction']> =>
  TransactionDetail.parse(await (await opened.send(`${PATH}/${id}`, { as: 'ops' })).json())
    .transaction;

const say = (
  id: string,
  what: 'approve' | 'refuse',
  json: unknown,
  as: 'ops' | 'auditor' = 'ops',
) => opened.send(`${PATH}/${id}/${what}`, { as, method: 'POST', json });

const digestsOf = ({ approval }: TransactionDetail['transaction']) => ({
  planDigest: approval?.planDigest,
  dryRunDigest: approval?.dryRunDigest,
});

describe('what waits for an approval', () => {
  test('is not approved by an agent', async () => {
    const one = await waiting();

    const response = await say(one.id, 'approve', digestsOf(one), 'auditor');

    expect(await problemIn(response)).toMatchObject({ status: 403, code: 'operators-only' });
    expect((await detail(one.id)).status).toBe('awaiting-approval');
  });

  test('is not approved as something else than was seen', async () => {
    const one = await waiting();
    const other = { ...digestsOf(one), dryRunDigest: '0'.repeat(64) };

    const empty = await say(one.id, 'approve', {});
    const foreign = await say(one.id, 'approve', other);

    expect(await problemIn(empty)).toMatchObject({ status: 400, code: 'invalid-body' });
    expect(await problemIn(foreign)).toMatchObject({ status: 409, code: 'approval-mismatch' });
    expect((await detail(one.id)).status).toBe('awaiting-approval');
  });

  test('is not approved by who has proposed it', async () => {
    const committed = Proposed.parse(await (await opened.send(PATH, proposing(PLAN))).json());
    await opened.settled();
    const path = `${PATH}/${committed.transaction.id}/undo`;
    const undone = await opened.send(path, { as: 'ops', method: 'POST' });
    await opened.settled();
    const one = await detail(Proposed.parse(await undone.json()).transaction.id);

    const response = await say(one.id, 'approve', digestsOf(one));

    expect(await problemIn(response)).toMatchObject({ status: 403, code: 'self-approval' });
  });

  test('runs once it is approved, and only once', async () => {
    const one = await waiting();

    const response = await say(one.id, 'approve', digestsOf(one));

    expect(response.status).toBe(202);
    expect(TransactionSummary.parse(await response.json()).id).toBe(one.id);
    await opened.settled();
    expect(await detail(one.id)).toMatchObject({ status: 'committed', approvals: 1 });
    const again = await say(one.id, 'approve', digestsOf(one));
    expect(await problemIn(again)).toMatchObject({ status: 409, code: 'not-awaiting-approval' });
  });

  test('ends when it is refused, with the reason', async () => {
    const one = await waiting();

    const silent = await say(one.id, 'refuse', { reason: '' });
    const refused = await say(one.id, 'refuse', { reason: 'not on a Friday' });

    expect(await problemIn(silent)).toMatchObject({ status: 400, code: 'invalid-reason' });
    expect(refused.status).toBe(202);
    await opened.settled();
    const { status, reason, sealed } = await detail(one.id);
    expect({ status, sealed }).toEqual({ status: 'rejected', sealed: true });
    expect(reason?.message).toContain('not on a Friday');
  });
});
