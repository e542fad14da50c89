import { afterAll, expect, test } from '@jest/globals';
import type { EvidenceRecord } from '../../core/evidence/record.ts';
import { historyOf, stateAt } from '../../core/history/history.ts';
import type { RecordedState } from '../../core/history/recorded-state.ts';
import { halt } from '../../core/tasks/halt.ts';
import { seeded } from '../stress/seeded.ts';
import { caseNamed } from './support/action-cases.ts';
import { ALICE, approveSeen, BOB, openUndo } from './support/approving.ts';
import { tasksWith } from './support/deliveries.ts';
import { goWrong } from './support/faults.ts';
import { policiesAsking } from './support/policies.ts';
import { randomRun } from './support/random-runs.ts';
import { rowPart, type ShownRow, shownRows, statePart } from './support/shown-rows.ts';
import { OPERATOR, openTestWorld, type TestWorld } from './support/world.ts';

const RUNS = Number(process.env['RUNS'] ?? 120);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
process.stderr.write(`history of random transactions: seed ${SEED}\n`);

let states = 0;
const kinds = new Set<string>();
afterAll(() => {
  process.stderr.write(`${states} states were as the store showed them\n`);
});

/** Every state is what the store showed right after that record was written. */
const expectHistory = async (
  world: TestWorld,
  id: string,
  rows: ReadonlyMap<number, ShownRow> | undefined,
): Promise<void> => {
  const records = await world.records(id);
  const history = historyOf(records);
  expect(rows?.size).toBeGreaterThan(0);
  for (const [seq, row] of rows ?? []) {
    expect({ seq, ...(statePart(history.at(seq), row) as object) }).toEqual({
      seq,
      ...(rowPart(row) as object),
    });
    states += 1;
  }
  for (const record of records) kinds.add(record.kind);
  for (const [index, record] of records.entries())
    if (index > 0) expectFollows(history.at(index - 1), record, history.at(index));
  const ended = await world.load(id);
  const last = history.at(records.length - 1);
  expect([last.status, last.reason, last.cursor.stepIndex]).toEqual([
    ended.status,
    ended.reason,
    ended.cursor.stepIndex,
  ]);
};

/** A state says nothing that the record after it contradicts. */
const expectFollows = (before: RecordedState, record: EvidenceRecord, after: RecordedState) => {
  const { kind, stepIndex, attempt, seq } = record;
  const place = { seq, kind, stepIndex };
  const { cursor } = before;
  const at = { ...place, stepIndex: cursor.stepIndex, phase: cursor.phase };
  const phases: Readonly<Record<string, readonly string[]>> = {
    decided: ['authorize', 'execute'],
    claimed: ['execute'],
    acknowledged: ['claimed'],
    verified: ['verify'],
    compensating: ['compensate', 'compensation-claimed'],
    compensated: ['compensation-claimed'],
  };
  const allowed = phases[kind];
  if (allowed !== undefined) {
    expect(at).toEqual({ ...place, phase: expect.stringMatching(`^(${allowed.join('|')})$`) });
    if (kind === 'claimed') expect(cursor.attempt).toBe(attempt);
  }
  const isEnded = ['committed', 'rejected', 'compensated', 'stuck'].includes(before.status);
  expect([place, isEnded]).toEqual([place, kind === 'resolved']);
  for (const [index, step] of before.steps.entries()) {
    const claims = after.steps[index]?.claims.slice(0, step.claims.length) ?? [];
    for (const [number, claim] of step.claims.entries())
      expect(claims[number]).toMatchObject(JSON.parse(JSON.stringify(claim)));
    if (step.claims.length > 0) expect(after.steps[index]?.prepared).toEqual(step.prepared);
  }
};

test('of random transactions is at every record what the store showed', async () => {
  const random = seeded(SEED);
  for (let runs = 0; runs < RUNS; runs += 1) {
    const { rows, wrap } = shownRows();
    const { world, ids } = await randomRun(random, { wrap });
    for (const id of ids) await expectHistory(world, id, rows.get(id));
    world.close();
  }

  for (const kind of ['unwinding', 'parked', 'resumed', 'compensated', 'approved', 'resolved'])
    expect([...kinds]).toContain(kind);
});

test('knows how many approvals were there at any record', async () => {
  const { rows, wrap } = shownRows();
  const timing = { approvalMs: 60_000 };
  const world = openTestWorld({ wrap, timing, decisionPoint: policiesAsking(2) });
  const { waiting } = await openUndo(world);
  await approveSeen(world.ports, ALICE, waiting);
  await world.clock.sleep(60_000);
  // The first has expired by then.
  await approveSeen(world.ports, BOB, await world.load(waiting.id));
  const granted = await approveSeen(world.ports, ALICE, await world.load(waiting.id));
  await world.run(granted);

  await expectHistory(world, waiting.id, rows.get(waiting.id));
  const records = await world.records(waiting.id);
  const given = records
    .filter(({ kind }) => kind === 'approved')
    .map(({ seq }) => stateAt(records, seq))
    .map(({ status, approval }) => [status, approval?.given.length]);
  expect(given).toEqual([
    ['awaiting-approval', 1],
    ['awaiting-approval', 1],
    ['proposed', 2],
  ]);
  world.close();
});

test('does not say that an approved run began which was refused in the same write', async () => {
  const { rows, wrap } = shownRows();
  const world = openTestWorld({ wrap });
  const { waiting } = await openUndo(world);
  const approved = await approveSeen(world.ports, ALICE, waiting);
  const { action: operation, input } = caseNamed('iam:DetachRolePolicy').step;
  const again = operation.replace('Detach', 'Attach');
  await world.outside({ operation: again, input });
  const { status } = await world.run(approved);

  await expectHistory(world, waiting.id, rows.get(waiting.id));
  const records = await world.records(waiting.id);
  const told = records.filter(({ kind }) => kind === 'preflighted' || kind === 'outcome');
  expect(status).toBe('rejected');
  expect(told.map(({ seq }) => stateAt(records, seq).status)).toEqual([
    'awaiting-approval',
    'proposed',
    'rejected',
  ]);
  world.close();
});

test.each([
  ['before anything', 'Preflight', 'proposed'],
  ['while it was unwound', 'Compensate', 'compensating'],
] as const)('of what a freeze has parked %s goes on as it was', async (_when, task, status) => {
  const { rows, wrap } = shownRows();
  const world = openTestWorld({ wrap });
  const move = (mode: 'freeze' | 'running') =>
    halt(world.ports, { operator: OPERATOR, scope: 'all', mode, reason: 'a test' });
  const steps = [caseNamed('iam:AttachRolePolicy').step, caseNamed('iam:PutRolePolicy').step];
  world.hooks.onCall = (request, { isEffect }, call) =>
    isEffect && task === 'Compensate' && request.operation === steps[1]?.action
      ? goWrong({ kind: 'refused' }, world.clock, call)
      : call();
  let isMoved = false;
  const freezing = tasksWith(async (name) => {
    if (name !== task || isMoved) return;
    isMoved = true;
    await move('freeze');
  });
  const parked = await world.run(await world.propose(steps), freezing);
  await move('running');
  await world.run(parked);

  await expectHistory(world, parked.id, rows.get(parked.id));
  const records = await world.records(parked.id);
  const seq = records.findIndex(({ kind }) => kind === 'parked');
  expect(parked.status).toBe('parked');
  expect(stateAt(records, seq).status).toBe('parked');
  expect(stateAt(records, seq + 1).status).toBe(status);
  world.close();
});
