import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DeniedError } from '../../core/errors.ts';
import { parseRecord } from '../../core/evidence/index.ts';
import { approve, refuse } from '../../core/tasks/approve.ts';
import { halt } from '../../core/tasks/halt.ts';
import { ALICE, ASKER, approveSeen, BOB, openUndo, seenOf } from './support/approving.ts';
import { AGENT, OPERATOR, openTestWorld, START_MS, type TestWorld } from './support/world.ts';

const OTHER = '0'.repeat(64);

let world: TestWorld;
beforeEach(() => {
  world = openTestWorld();
});
afterEach(() => world.close());

/** That a call was refused and the transaction waits as before, without a lock. */
async function expectRefused(id: string, call: Promise<unknown>, code: string): Promise<void> {
  const before = await world.load(id);
  await expect(call).rejects.toMatchObject({ code });
  expect(await world.load(id)).toEqual(before);
  for (const resource of before.prepared?.flatMap((one) => one.resources) ?? [])
    expect(await world.ports.store.lockHolder(resource)).toBeUndefined();
}

async function refusals(): Promise<readonly { actor: string; code: unknown }[]> {
  const day = new Date(world.clock.now()).toISOString().slice(0, 10);
  const records = (await world.ports.store.records(`control:${day}`)).map(parseRecord);
  return records
    .filter((one) => one.kind === 'refused')
    .map(({ actor, data }) => ({ actor, code: data['code'] }));
}

describe('who may approve', () => {
  test('not the operator who proposed it; the try is evidence', async () => {
    const { waiting } = await openUndo(world);

    await expectRefused(waiting.id, approveSeen(world.ports, ASKER, waiting), 'self-approval');

    expect(await refusals()).toEqual([{ actor: `operator:${OPERATOR}`, code: 'self-approval' }]);
  });

  test('not its agent, and no other agent, which does not even see it', async () => {
    const { waiting } = await openUndo(world);
    const agent = { type: 'Agent', id: AGENT } as const;
    const other = { type: 'Agent', id: 'another' } as const;

    await expectRefused(waiting.id, approveSeen(world.ports, agent, waiting), 'request-invalid');
    const reason = 'mine';
    const refused = refuse(world.ports, agent, { id: waiting.id, reason });
    await expectRefused(waiting.id, refused, 'request-invalid');
    const unseen = approveSeen(world.ports, other, waiting);
    await expectRefused(waiting.id, unseen, 'transaction-not-found');

    expect(await refusals()).toEqual([
      { actor: `agent:${AGENT}`, code: 'request-invalid' },
      { actor: `agent:${AGENT}`, code: 'request-invalid' },
    ]);
  });

  test('not while the kill switch is above running; afterwards it still can', async () => {
    const { waiting } = await openUndo(world);
    const move = (mode: 'drain' | 'halt' | 'freeze' | 'running', scope = 'all') =>
      halt(world.ports, { operator: OPERATOR, scope, mode, reason: 'a test' });

    for (const mode of ['drain', 'halt', 'freeze'] as const) {
      await move(mode);
      await expectRefused(waiting.id, approveSeen(world.ports, ALICE, waiting), mode);
    }
    await move('running');
    await move('halt', 'action:iam:AttachRolePolicy');
    await expectRefused(waiting.id, approveSeen(world.ports, ALICE, waiting), 'halt');
    await move('running', 'action:iam:AttachRolePolicy');
    const approved = await approveSeen(world.ports, ALICE, waiting);

    expect(approved.status).toBe('proposed');
  });

  test('nobody who is denied by policy', async () => {
    const { waiting } = await openUndo(world);
    const { decisionPoint } = world.ports;
    const ports = {
      ...world.ports,
      decisionPoint: {
        ...decisionPoint,
        decide: async (request: Parameters<typeof decisionPoint.decide>[0]) =>
          request.action === 'transaction:Approve'
            ? ({
                ...(await decisionPoint.decide(request)),
                answer: 'deny',
                code: 'denied',
              } as const)
            : decisionPoint.decide(request),
      },
    };

    const call = approveSeen(ports, ALICE, waiting);

    await expect(call).rejects.toBeInstanceOf(DeniedError);
    await expectRefused(waiting.id, call, 'denied');
  });
});

describe('what is approved', () => {
  test('another plan or dry run than waits is refused', async () => {
    const { waiting } = await openUndo(world);
    const seen = seenOf(waiting);

    const plan = approve(world.ports, ALICE, { ...seen, planDigest: OTHER });
    await expectRefused(waiting.id, plan, 'approval-mismatch');
    const run = approve(world.ports, ALICE, { ...seen, dryRunDigest: OTHER });
    await expectRefused(waiting.id, run, 'approval-mismatch');
  });

  test('what does not wait is refused, and so is what nobody knows', async () => {
    const { waiting, done } = await openUndo(world);
    const seen = seenOf(waiting);

    const committed = approve(world.ports, ALICE, { ...seen, id: done.id });
    await expectRefused(done.id, committed, 'not-awaiting-approval');
    const refused = refuse(world.ports, ALICE, { id: done.id, reason: 'late' });
    await expectRefused(done.id, refused, 'not-awaiting-approval');
    const unknown = approve(world.ports, ALICE, { ...seen, id: 'tx-unknown' });
    await expect(unknown).rejects.toMatchObject({ code: 'transaction-not-found' });
  });

  test('a second use is refused: before, while and after it runs', async () => {
    const { waiting } = await openUndo(world);
    const approved = await approveSeen(world.ports, ALICE, waiting);
    const again = () => approve(world.ports, BOB, seenOf(waiting));

    await expectRefused(waiting.id, again(), 'not-awaiting-approval');
    await world.run(approved);
    await expectRefused(waiting.id, again(), 'not-awaiting-approval');

    const records = await world.records(waiting.id);
    expect(records.filter((one) => one.kind === 'approved')).toHaveLength(1);
  });

  test('two operators at once are one approval', async () => {
    const { waiting } = await openUndo(world);

    const answers = await Promise.allSettled([
      approveSeen(world.ports, ALICE, waiting),
      approveSeen(world.ports, BOB, waiting),
    ]);

    expect(answers.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await world.load(waiting.id)).approval?.given).toHaveLength(1);
  });

  test('what was cancelled, or is past its deadline, is refused', async () => {
    const { waiting } = await openUndo(world);
    await world.clock.sleep(START_MS + waiting.plan.deadlineMs + 1);

    await expectRefused(waiting.id, approveSeen(world.ports, ALICE, waiting), 'deadline-passed');
    await world.ports.store.cancel(waiting.id, 'operator:bob', world.clock.now());

    await expectRefused(waiting.id, approveSeen(world.ports, ALICE, waiting), 'cancelled');
  });

  test('a refusal needs a reason', async () => {
    const { waiting } = await openUndo(world);

    const refused = refuse(world.ports, ALICE, { id: waiting.id, reason: ' ' });

    await expectRefused(waiting.id, refused, 'invalid-reason');
  });
});
