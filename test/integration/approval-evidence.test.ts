import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EvidenceRecord, verifyBundle } from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { seal } from '../../core/tasks/seal.ts';
import { bundleOf, testKey } from '../unit/evidence/support/draft.ts';
import { ALICE, approveSeen, BOB, openUndo } from './support/approving.ts';
import { policiesAsking } from './support/policies.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const OTHER = '0'.repeat(64);

let world: TestWorld;
let honest: readonly EvidenceRecord[];
beforeAll(async () => {
  world = openTestWorld({ decisionPoint: policiesAsking(2) });
  const { waiting } = await openUndo(world);
  await approveSeen(world.ports, ALICE, waiting);
  await world.run(await approveSeen(world.ports, BOB, waiting));
  honest = await world.records(waiting.id);
});
afterAll(() => world.close());

type Lie = (records: readonly EvidenceRecord[]) => readonly EvidenceRecord[];

/** The outcome of records that the owner of the key sealed as they stand. */
function outcomeOf(lie: Lie) {
  const records = lie(honest).map((record, seq) => ({ ...record, seq }));
  const streamId = records[0]?.streamId ?? '';
  const seals = [{ status: 'committed', uncovered: 0 }] as const;
  const bundle = bundleOf({ streamId, records, seals });
  return verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [testKey.keyId] }).outcome;
}

const nth = (kind: string, index: number, change: (one: EvidenceRecord) => EvidenceRecord) =>
  ((records) => {
    const target = records.filter((one) => one.kind === kind).at(index);
    return records.map((one) => (one === target ? change(one) : one));
  }) as Lie;
const data = (kind: string, index: number, changed: JsonObject, actor?: string): Lie =>
  nth(kind, index, (one) => ({
    ...one,
    ...(actor === undefined ? {} : { actor }),
    data: { ...one.data, ...changed },
  }));
const decision = (changed: JsonObject): Lie =>
  nth('decided', 0, (one) => ({
    ...one,
    data: { ...one.data, decision: { ...(one.data['decision'] as JsonObject), ...changed } },
  }));
const step = (index: number, change: (step: JsonObject) => JsonObject): Lie =>
  nth('preflighted', index, (one) => {
    const [first, ...rest] = one.data['steps'] as readonly JsonObject[];
    return { ...one, data: { ...one.data, steps: [change(first ?? {}), ...rest] as Json } };
  });
const without =
  (kind: string, index: number): Lie =>
  (records) => {
    const target = records.filter((one) => one.kind === kind).at(index);
    return records.filter((one) => one !== target);
  };
const moved =
  (kind: string, index: number, before: string): Lie =>
  (records) => {
    const target = records.filter((one) => one.kind === kind).at(index) as EvidenceRecord;
    const rest = records.filter((one) => one !== target);
    const place = rest.findIndex((one) => one.kind === before);
    const { epoch, at } = rest[place] as EvidenceRecord;
    return [...rest.slice(0, place), { ...target, epoch, at }, ...rest.slice(place)];
  };
const both =
  (...lies: readonly Lie[]): Lie =>
  (records) =>
    lies.reduce((told, lie) => lie(told), records);

const LIES: readonly (readonly [string, Lie, string])[] = [
  ['an approval that is absent', without('approved', 0), 'acts without the approvals it needs'],
  [
    'no approval at all, and nothing that waited',
    both(without('approved', 0), without('approved', 0), without('preflighted', 0)),
    'rests on 2 approvals where 0 count',
  ],
  [
    'an approval before anything waited',
    moved('approved', 0, 'preflighted'),
    'approves what does not wait',
  ],
  [
    'an approval after the decision',
    moved('approved', 1, 'claimed'),
    'approves what does not wait',
  ],
  [
    'an approval by who proposed it',
    data('approved', 0, { by: 'operator:ops' }, 'operator:ops'),
    'approves what its operator proposed',
  ],
  [
    'an approval by the agent',
    data('approved', 0, { by: 'agent:iam-auditor' }, 'agent:iam-auditor'),
    'is not the word of the operator',
  ],
  ['a name that is not the actor', data('approved', 0, { by: 'operator:eve' }), 'is not the word'],
  [
    'one operator twice',
    data('approved', 1, { by: 'operator:alice' }, 'operator:alice'),
    'approves twice',
  ],
  ['an approval too late', data('approved', 0, { expiresAt: 1 }), 'approves too late'],
  [
    'an approval that expired before the run',
    both(
      data('approved', 0, { expiresAt: Date.UTC(2026, 0, 1) + 1 }),
      nth('preflighted', 1, (one) => ({ ...one, at: '2026-01-01T00:00:01.000Z' })),
    ),
    'acts without the approvals it needs',
  ],
  ['another plan', data('approved', 0, { planDigest: OTHER }), 'approves another plan'],
  ['another dry run', data('approved', 0, { dryRunDigest: OTHER }), 'approves another dry run'],
  [
    'another policy set',
    data('approved', 0, { policySetDigest: OTHER }),
    'approves under another policy set',
  ],
  [
    'a waiting run of another policy set',
    data('preflighted', 0, { policySetDigest: OTHER }),
    'approves under another policy set',
  ],
  [
    'a run under another policy set',
    data('preflighted', 1, { policySetDigest: OTHER }),
    'acts under another policy set than was approved',
  ],
  [
    'a run that found something else',
    step(1, (one) => ({ ...one, facts: { widens: false } })),
    'acts on another dry run than was approved',
  ],
  [
    'a run on another target',
    nth('located', 1, (one) => ({ ...one, data: { target: 'another' } })),
    'acts on another dry run than was approved',
  ],
  ['a run that was not repeated', without('preflighted', 1), 'acts while it waits for approvals'],
  [
    'a run that still waited',
    step(1, (one) => ({ ...one, decision: { answer: 'awaiting-approval', reasons: [] } })),
    'acts while it waits for approvals',
  ],
  [
    'fewer approvals than the run had needed',
    step(0, (one) => ({
      ...one,
      decision: { answer: 'awaiting-approval', approvalsNeeded: 3, reasons: [] },
    })),
    'acts without the approvals it needs',
  ],
  [
    'more approvals than the run had needed',
    step(0, (one) => ({
      ...one,
      decision: { answer: 'awaiting-approval', approvalsNeeded: 1, reasons: [] },
    })),
    'approves what was approved',
  ],
  ['a decision on more approvals', decision({ approvals: 3 }), 'rests on 3 approvals where 2'],
  ['a decision on fewer approvals', decision({ approvals: 1 }), 'rests on 1 approvals where 2'],
  [
    'a decision under other policies that counts them',
    decision({ policySetDigest: OTHER }),
    'rests on 2 approvals where 0',
  ],
  [
    'a refusal of what was committed',
    nth('approved', 1, (one) => ({
      ...one,
      kind: 'refused',
      data: { by: one.actor, reason: 'no' },
    })),
    'refuses what did not end rejected',
  ],
];

describe('the evidence of an approved transaction', () => {
  test('verifies as it is', () => {
    expect(outcomeOf((records) => records)).toMatchObject({ ok: true });
  });

  test.each(LIES)('is refused with %s', (_name, lie, problem) => {
    const outcome = outcomeOf(lie);

    expect(outcome).toEqual({ ok: false, reason: expect.stringContaining(problem) });
  });
});

test('an approval in the row that no record tells is not sealed', async () => {
  const fresh = openTestWorld({ isReplayed: false });
  const { waiting } = await openUndo(fresh);
  const { store } = fresh.ports;
  const { approval, cursor, epoch, id } = waiting;
  if (approval === undefined) throw new Error('nothing waits');
  const given = [{ by: 'operator:eve', at: 1, expiresAt: fresh.clock.now() + 60_000 }];
  await store.change({
    transactionId: id,
    expect: { epoch, cursor },
    update: { cursor, status: 'proposed', approval: { ...approval, given, grantedAt: 1 } },
    records: [],
    writes: [],
  });

  const ended = await fresh.run(await fresh.load(id));
  const state = { transactionId: id, epoch: ended.epoch, stepIndex: 0, next: 'seal' };
  const sealing = seal(fresh.ports, state);

  await expect(sealing).rejects.toMatchObject({ code: 'approval-mismatch' });
  expect(ended.sealed).toBe(false);
  fresh.close();
});
