import { requireClaimable } from '../consuming.ts';
import { InvariantError } from '../errors.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import type { Change, Decision, Store, StoredSeal, Write } from '../ports/store.ts';
import {
  claimAnswered,
  claimExists,
  claimVended,
  lockLost,
  movedOn,
  sealExists,
} from '../store-refusals.ts';
import { type Claim, statusOnStart, type Transaction } from '../transaction.ts';

/** What a store of one transaction needs of who keeps its records. */
export interface Journal {
  /** Throws to refuse the change, and then nothing was changed. */
  judge(change: Pick<Change, 'writes'>): void;
  write(records: readonly EvidenceRecord[]): void;
  written(fromSeq: number): readonly Uint8Array[];
}

/** A store of one transaction in memory, for a run that reaches nobody. */
export interface MemoryStore extends Store {
  row(): Transaction;
  claimsNow(): readonly Claim[];
  /** A new execution at an epoch, as `start`. */
  enter(epoch: number): Transaction;
  cancelledBy(cancelled: NonNullable<Transaction['cancelled']>): void;
}

interface Rows {
  transaction: Transaction | undefined;
  readonly held: Set<string>;
  readonly decisions: Map<string, Decision>;
  readonly used: Set<string>;
  claims: readonly Claim[];
  readonly seals: StoredSeal[];
}

/** An empty store. Nobody else writes to it: locks are free and the kill switch's fence is open
 * unless the journal refuses. */
export function memoryStore(journal: Journal): MemoryStore {
  const rows: Rows = {
    transaction: undefined,
    held: new Set(),
    decisions: new Map(),
    used: new Set(),
    claims: [],
    seals: [],
  };
  const row = (): Transaction => {
    if (rows.transaction === undefined) throw new InvariantError('nothing was proposed yet');
    return rows.transaction;
  };
  const put = (change: Partial<Transaction>): Transaction => {
    rows.transaction = { ...row(), ...change };
    return rows.transaction;
  };
  return {
    row,
    claimsNow: () => rows.claims,
    enter: (epoch) => put({ epoch, status: statusOnStart(row()) }),
    cancelledBy: (cancelled) => {
      put({ cancelled });
    },
    async create(transaction, records) {
      journal.write(records);
      rows.transaction = transaction;
      return { transaction, isNew: true };
    },
    findByKey: async () => undefined,
    load: async (id) => (rows.transaction?.id === id ? rows.transaction : undefined),
    list: async () => ({ transactions: [] }),
    async change(change) {
      rows.transaction = applied(rows, row(), change, journal);
    },
    start: async ({ epoch }) => put({ epoch: epoch + 1, status: statusOnStart(row()) }),
    renewLease: async () => undefined,
    async cancel(_id, by, at) {
      put({ cancelled: { by, at } });
    },
    claims: async () => rows.claims,
    decision: async (id) => rows.decisions.get(id),
    decisions: async () => [...rows.decisions.values()],
    records: async (_streamId, fromSeq = 0) => journal.written(fromSeq),
    streams: async () => [],
    appendControl: async () => undefined,
    seals: async () => rows.seals,
    lockHolder: async (resource) => (rows.held.has(resource) ? row().id : undefined),
    barrier: async () => undefined,
  };
}

function applied(rows: Rows, before: Transaction, change: Change, journal: Journal): Transaction {
  const { expect, update, records, writes } = change;
  const { stepIndex, phase, attempt } = expect.cursor;
  const { cursor } = before;
  const isThere =
    expect.epoch === before.epoch &&
    cursor.stepIndex === stepIndex &&
    cursor.phase === phase &&
    cursor.attempt === attempt &&
    (records[0] === undefined || records[0].seq === before.nextSeq);
  if (!isThere) throw movedOn(before.id);
  journal.judge(change);
  const applies = writes.map((write) => judged(rows, write));
  journal.write(records);
  for (const apply of applies) apply();
  return { ...before, ...update, nextSeq: before.nextSeq + records.length };
}

/** Judges one part of a change; what it returns puts it into effect. */
function judged(rows: Rows, write: Write): () => void {
  switch (write.write) {
    case 'lock':
      return () => {
        for (const resource of write.resources) rows.held.add(resource);
      };
    case 'unlock':
      return () => rows.held.clear();
    case 'held': {
      const lost = write.resources.find((resource) => !rows.held.has(resource));
      if (lost !== undefined) throw lockLost(lost);
      return () => undefined;
    }
    case 'decision':
      return () => rows.decisions.set(write.decision.id, write.decision);
    case 'claim':
      return claiming(rows, write);
    case 'vend':
      return marking(rows, write.attemptId, (claim) => {
        if (claim?.policyDigest !== undefined) throw claimVended();
        return { policyDigest: write.policyDigest };
      });
    case 'answer':
      return marking(rows, write.attemptId, (claim) => {
        if (claim?.answer !== undefined) throw claimAnswered(write.attemptId);
        return { answer: write.answer };
      });
    case 'seal': {
      if (rows.seals.some((one) => one.treeSize === write.seal.treeSize))
        throw sealExists(write.seal.streamId);
      return () => rows.seals.push(write.seal);
    }
    case 'fence':
      return () => undefined;
  }
}

function claiming(rows: Rows, write: Write & { readonly write: 'claim' }): () => void {
  const { claim } = write;
  const isTaken = rows.claims.some(
    (one) =>
      one.stepIndex === claim.stepIndex && one.kind === claim.kind && one.attempt === claim.attempt,
  );
  if (isTaken) throw claimExists();
  const decision = rows.decisions.get(claim.decisionId);
  requireClaimable(decision, rows.used.has(claim.decisionId), write);
  return () => {
    if (claim.kind === 'apply') rows.used.add(claim.decisionId);
    rows.claims = [...rows.claims, claim];
  };
}

function marking(
  rows: Rows,
  attemptId: string,
  mark: (claim: Claim | undefined) => Partial<Claim>,
): () => void {
  const change = mark(rows.claims.find((one) => one.attemptId === attemptId));
  return () => {
    rows.claims = rows.claims.map((one) =>
      one.attemptId === attemptId ? { ...one, ...change } : one,
    );
  };
}
