import type { EvidenceRecord } from '../../core/evidence/record.ts';
import { digestOf } from '../../core/hash.ts';
import { type Plan, planDigest } from '../../core/plan.ts';
import type { Change, Decision, Store, StoredSeal, Write } from '../../core/ports/store.ts';
import { type Claim, streamOf, type Transaction } from '../../core/transaction.ts';

/** Rows for tests of a store. */
export const NOW_MS = Date.UTC(2026, 0, 1);
const PLAN: Plan = {
  agent: 'iam-auditor',
  target: { partition: 'aws', accountId: '111122223333' },
  purpose: 'a sample',
  steps: [{ id: 'one', action: 'iam:DeleteRolePolicy', input: { RoleName: 'app' } }],
  deadlineMs: 60_000,
};
const DIGESTS = {
  planDigest: planDigest(PLAN),
  inputDigest: digestOf('input'),
  beforeDigest: digestOf('before'),
};
/** What a claim expects of the sample decision. */
export const EXPECTED = DIGESTS;

export function sampleTransaction(id: string, changed: Partial<Transaction> = {}): Transaction {
  return {
    id,
    agent: 'iam-auditor',
    actor: 'agent:iam-auditor',
    idempotencyKey: `key-${id}`,
    plan: PLAN,
    planDigest: planDigest(changed.plan ?? PLAN),
    createdAt: NOW_MS,
    status: 'proposed',
    epoch: 0,
    cursor: { stepIndex: 0, phase: 'preflight', attempt: 1 },
    nextSeq: 1,
    sealed: false,
    ...changed,
  };
}

export function sampleRecord(streamId: string, seq: number, kind = 'proposed'): EvidenceRecord {
  const at = new Date(NOW_MS).toISOString();
  const actor = 'control-plane';
  return { v: 1, streamId, seq, kind, at, epoch: 0, actor, data: { seq }, observations: [] };
}

export function sampleSeal(streamId: string, treeSize: number, envelope: string): StoredSeal {
  return { streamId, treeSize, envelope, publicKey: new Uint8Array([1, 2, 3]) };
}

export function sampleDecision(id: string, changed: Partial<Decision> = {}): Decision {
  return {
    id: `decision-of-${id}`,
    kind: 'apply',
    transactionId: id,
    epoch: 0,
    stepIndex: 0,
    attempt: 1,
    ...DIGESTS,
    policySetDigest: digestOf('policies'),
    entitiesDigest: digestOf('entities'),
    contextDigest: digestOf('context'),
    expiresAt: NOW_MS + 10_000,
    ...changed,
  };
}

export function sampleClaim(id: string, changed: Partial<Claim> = {}): Claim {
  return {
    transactionId: id,
    stepIndex: 0,
    kind: 'apply',
    attempt: 1,
    epoch: 0,
    attemptId: `attempt-of-${id}`,
    decisionId: `decision-of-${id}`,
    beforeDigest: DIGESTS.beforeDigest,
    effectDeadline: NOW_MS + 5000,
    ...changed,
  };
}

/** A claim as Execute writes it. */
export function claimWrite(claim: Claim, changed: Partial<Write & { write: 'claim' }> = {}): Write {
  return { write: 'claim', claim, now: NOW_MS, expected: EXPECTED, ...changed };
}

/** Puts a new transaction with its first record. */
export async function put(
  store: Store,
  id: string,
  changed: Partial<Transaction> = {},
): Promise<Transaction> {
  const first = sampleRecord(streamOf(id), 0);
  return (await store.create(sampleTransaction(id, changed), [first])).transaction;
}

/** A change of a transaction that stays where it is. */
export async function changeOf(
  store: Store,
  id: string,
  changed: {
    readonly expect?: Partial<Change['expect']>;
    readonly update?: Partial<Change['update']>;
    readonly records?: readonly EvidenceRecord[];
    readonly writes?: readonly Write[];
  },
): Promise<void> {
  const row = await store.load(id);
  if (row === undefined) throw new Error(`there is no transaction ${id}`);
  await store.change({
    transactionId: id,
    expect: { epoch: row.epoch, cursor: row.cursor, ...changed.expect },
    update: { cursor: row.cursor, ...changed.update },
    records: changed.records ?? [],
    writes: changed.writes ?? [],
  });
}

/** Applies some writes to a transaction. */
export function write(store: Store, id: string, ...writes: readonly Write[]): Promise<void> {
  return changeOf(store, id, { writes });
}

/** Everything that the port shows of some transactions. */
export async function shown(store: Store, ids: readonly string[], resources: readonly string[]) {
  const rows = await Promise.all(
    ids.map(async (id) => ({
      row: await store.load(id),
      claims: await store.claims(id),
      decisions: await store.decisions(id),
      records: (await store.records(streamOf(id))).map((one) => Buffer.from(one).toString()),
      seals: await store.seals(streamOf(id)),
    })),
  );
  const holders = await Promise.all(resources.map((one) => store.lockHolder(one)));
  return { rows, holders, streams: await store.streams() };
}
