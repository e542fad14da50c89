import {
  type EvidenceRecord,
  openEnvelope,
  parseEnvelope,
  parseRecord,
  parseSeal,
} from '../../core/evidence/index.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Approval, type Claim, streamOf, type Transaction } from '../../core/transaction.ts';
import type * as shapes from '../shapes.ts';
import type { StepShape, TransactionDetail } from '../shapes.ts';
import { summaryOf } from './summary.ts';

/** Everything about one transaction that its store holds, observations aside. */
export async function detailOf(store: Store, transaction: Transaction): Promise<TransactionDetail> {
  const stream = streamOf(transaction.id);
  const claims = await store.claims(transaction.id);
  const records = (await store.records(stream)).map(parseRecord);
  const seal = (await store.seals(stream)).at(-1);
  return {
    transaction: rowOf(transaction),
    steps: transaction.plan.steps.map((_, index) => ({
      ...stepOf(transaction, index, claims),
      ...timesOf(records.filter(({ stepIndex }) => stepIndex === index)),
    })),
    records: records.map(recordOf),
    ...(seal === undefined ? {} : { seal: sealOf(seal.envelope) }),
  };
}

/** Where a transaction stands, without its steps and records. */
export function rowOf(transaction: Transaction): TransactionDetail['transaction'] {
  const { actor, idempotencyKey, planDigest, plan, epoch, approval, sealed } = transaction;
  const { undoOf, cancelled, resolution } = transaction;
  return {
    ...summaryOf(transaction),
    actor,
    idempotencyKey,
    planDigest,
    deadlineMs: plan.deadlineMs,
    epoch,
    approvals: approval?.given.length ?? 0,
    ...(approval === undefined ? {} : { approval: approvalOf(approval) }),
    sealed,
    ...(undoOf === undefined ? {} : { undoOf }),
    ...(cancelled === undefined ? {} : { cancelled: { ...cancelled, at: iso(cancelled.at) } }),
    ...(resolution === undefined ? {} : { resolution: { ...resolution, at: iso(resolution.at) } }),
  };
}

/** An approval as it is shown. */
export function approvalOf({ given, grantedAt, ...rest }: Approval): shapes.Approval {
  return {
    ...rest,
    given: given.map(({ by, at, expiresAt }) => ({ by, at: iso(at), expiresAt: iso(expiresAt) })),
    ...(grantedAt === undefined ? {} : { grantedAt: iso(grantedAt) }),
  };
}

function stepOf(transaction: Transaction, index: number, claims: readonly Claim[]): StepShape {
  const step = transaction.plan.steps[index] as Transaction['plan']['steps'][number];
  const prepared = transaction.prepared?.[index];
  const resource = prepared?.resources[0];
  return {
    index,
    ...step,
    input: step.input as StepShape['input'],
    state: effectStateOf(claims.filter(({ stepIndex }) => stepIndex === index)),
    ...(resource === undefined ? {} : { resource }),
    ...(prepared === undefined
      ? {}
      : {
          before: prepared.before as StepShape['input'][string],
          after: prepared.predicted as StepShape['input'][string],
          facts: prepared.facts,
        }),
  };
}

/** Where the effect of a step stands, by the last thing that was done about it. */
export function effectStateOf(
  claims: readonly Pick<Claim, 'kind' | 'answer'>[],
): StepShape['state'] {
  const last = claims.at(-1);
  if (last === undefined) return 'planned';
  const isDone = last.answer === 'applied' || last.answer === 'recovered';
  if (last.kind === 'compensate') return isDone ? 'compensated' : 'compensating';
  if (last.answer === undefined) return 'claimed';
  return isDone ? 'applied' : 'not-applied';
}

/** When the target took the last effect of a step, and when a settled read first showed it. */
function timesOf(records: readonly EvidenceRecord[]): Pick<StepShape, 'appliedAt' | 'enforcedAt'> {
  const applied = records.findLast(
    ({ kind, data }) =>
      kind === 'acknowledged' && ['applied', 'recovered'].includes(String(data['answer'])),
  );
  const enforced = records.findLast(({ kind, data }) => kind === 'verified' && data['ok'] === true);
  return {
    ...(applied === undefined ? {} : { appliedAt: applied.at }),
    ...(enforced === undefined ? {} : { enforcedAt: enforced.at }),
  };
}

/** A record as it is shown: observations are for replay. */
export function recordOf(record: EvidenceRecord): TransactionDetail['records'][number] {
  const { v: _v, streamId: _stream, observations: _observations, ...rest } = record;
  return rest as TransactionDetail['records'][number];
}

function sealOf(envelope: string): NonNullable<TransactionDetail['seal']> {
  const { statement, keyId } = openEnvelope(parseEnvelope(envelope));
  const { treeSize, root, status, final, at } = parseSeal(statement);
  return { treeSize, root, status, final, at, keyId };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
