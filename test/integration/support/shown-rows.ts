import type { RecordedState } from '../../../core/history/recorded-state.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import type { Claim, Transaction } from '../../../core/transaction.ts';

/** What the store showed right after a write. */
export interface ShownRow {
  readonly transaction: Transaction;
  readonly claims: readonly Claim[];
  /** False where the write recorded a dry run that the row does not keep: it was refused. */
  readonly keepsDryRun: boolean;
}

/** Keeps what the store shows after each write, by transaction and last record. */
export function shownRows(): {
  readonly rows: ReadonlyMap<string, ReadonlyMap<number, ShownRow>>;
  readonly wrap: (ports: Ports) => Ports;
} {
  const rows = new Map<string, Map<number, ShownRow>>();
  const keep = async ({ store }: Ports, id: string, keepsDryRun: boolean) => {
    const transaction = (await store.load(id)) as Transaction;
    const claims = await store.claims(id);
    const own = rows.get(id) ?? new Map<number, ShownRow>();
    rows.set(id, own.set(transaction.nextSeq - 1, { transaction, claims, keepsDryRun }));
  };
  const wrap = (ports: Ports): Ports => ({
    ...ports,
    store: {
      ...ports.store,
      async create(transaction, records) {
        const created = await ports.store.create(transaction, records);
        if (created.isNew && records.length > 0) await keep(ports, transaction.id, true);
        return created;
      },
      async change(change) {
        await ports.store.change(change);
        const { records, update, transactionId } = change;
        if (records.length === 0) return;
        const isDryRun = records.some((one) => one.kind === 'preflighted');
        await keep(ports, transactionId, !isDryRun || update.prepared !== undefined);
      },
    },
  });
  return { rows, wrap };
}

/** The part of a row that records tell. */
export function rowPart({ transaction, claims, keepsDryRun }: ShownRow): unknown {
  const { agent, actor, plan, planDigest, undoOf, createdAt, targets, prepared } = transaction;
  const { status, reason, epoch, cursor, approval, resolution, nextSeq } = transaction;
  return {
    ...{ agent, actor, plan, planDigest, undoOf, createdAt },
    ...{ status, reason, epoch, cursor, approval, resolution, seq: nextSeq - 1 },
    targets,
    prepared: keepsDryRun ? prepared : 'refused',
    claims: claims.map(({ transactionId: _, ...claim }) => claim),
  };
}

/** The same part of a state, made of records alone. */
export function statePart(state: RecordedState, { keepsDryRun }: ShownRow): unknown {
  const { agent, actor, plan, planDigest, undoOf, createdAt, steps, seq } = state;
  const { status, reason, epoch, cursor, approval, resolution } = state;
  const claims = steps.flatMap((step) => step.claims);
  return {
    ...{ agent, actor, plan, planDigest, undoOf, createdAt },
    ...{ status, reason, epoch, cursor, approval, resolution, seq },
    targets: known(steps.map((step) => step.target)),
    prepared: keepsDryRun ? known(steps.map((step) => step.prepared)) : 'refused',
    // A transaction has them in the order of their records.
    claims: inOrder(claims),
  };
}

function inOrder(claims: RecordedState['steps'][number]['claims']) {
  const ofApply = claims.filter(({ kind }) => kind === 'apply');
  const ofCompensate = claims.filter(({ kind }) => kind === 'compensate');
  return [...ofApply, ...ofCompensate.sort((a, b) => b.stepIndex - a.stepIndex)];
}

function known<Value>(values: readonly (Value | undefined)[]): readonly Value[] | undefined {
  const found = values.filter((one) => one !== undefined);
  return found.length === 0 ? undefined : found;
}
