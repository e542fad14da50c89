import type { DatabaseSync } from 'node:sqlite';
import { NotFoundError } from '../../core/errors.ts';
import { type EvidenceRecord, recordBytes } from '../../core/evidence/record.ts';
import type { Change, Start, Store } from '../../core/ports/store.ts';
import { epochOver, movedOn, startsNothing, streamClosed } from '../../core/store-refusals.ts';
import { isDryRun, type Transaction } from '../../core/transaction.ts';
import type { Barrier } from './barrier.ts';
import { namingDamage } from './damage.ts';
import { groupCommits } from './group-commit.ts';
import { sealReader } from './seal-rows.ts';
import { lister } from './store-list.ts';
import { claimOf, decisionOfRow, transactionReader } from './store-rows.ts';
import { writer } from './store-writes.ts';

/** The store of one machine: SQLite, shared by several processes. Every method throws
 * `StoreDamagedError` where the file is damaged. */
export function embeddedStore(database: DatabaseSync, barrier: Barrier): Store {
  return namingDamage(openStore(database, barrier));
}

function openStore(database: DatabaseSync, barrier: Barrier): Store {
  const commit = groupCommits(database);
  const read = transactionReader(database);
  const append = appender(database);
  const create = creator(database, append);
  const change = changer(database, append);
  const begin = starter(database);
  const list = lister(database, read.ofRow);
  const appendControl = controlAppender(database);
  const renew = database.prepare(
    'UPDATE transactions SET lease_until = ? WHERE id = ? AND epoch = ? AND owner = ?',
  );
  const cancel = database.prepare(
    `UPDATE transactions SET cancelled = ? WHERE id = ? AND cancelled IS NULL
     AND status NOT IN ('committed', 'rejected', 'compensated', 'stuck')`,
  );
  const all = (sql: string) => {
    const statement = database.prepare(sql);
    return (...values: (string | number)[]) => statement.all(...values);
  };
  const claims = all('SELECT * FROM claims WHERE transaction_id = ? ORDER BY position');
  const decisions = all('SELECT body FROM decisions WHERE transaction_id = ? ORDER BY position');
  const decision = database.prepare('SELECT body FROM decisions WHERE id = ?');
  const records = all('SELECT bytes FROM records WHERE stream_id = ? AND seq >= ? ORDER BY seq');
  const streams = all(STREAMS);
  const requireNotPruned = pruneChecker(database);
  const seals = sealReader(database);
  const holder = database.prepare('SELECT transaction_id AS id FROM locks WHERE resource = ?');
  return {
    async create(transaction, first) {
      const isNew = await commit(() => {
        if (read.byKey(transaction.actor, transaction.idempotencyKey) !== undefined) return false;
        create(transaction, first);
        return true;
      });
      const { actor, idempotencyKey } = transaction;
      return { transaction: read.byKey(actor, idempotencyKey) as Transaction, isNew };
    },
    findByKey: async (actor, key) => read.byKey(actor, key),
    load: async (id) => read.byId(id),
    list: async (query) => list(query),
    change: (wanted) => commit(() => change(wanted)),
    async start(wanted) {
      await commit(() => begin(wanted));
      return read.byId(wanted.transactionId) as Transaction;
    },
    async renewLease({ transactionId, epoch, owner, leaseUntil }) {
      await commit(() => {
        if (renew.run(leaseUntil, transactionId, epoch, owner).changes !== 1)
          throw epochOver(transactionId, epoch);
      });
    },
    async cancel(id, by, at) {
      await commit(() => cancel.run(JSON.stringify({ by, at }), id));
    },
    claims: async (id) => claims(id).map(claimOf),
    async decision(id) {
      const row = decision.get(id);
      return row === undefined ? undefined : decisionOfRow(row);
    },
    decisions: async (id) => decisions(id).map(decisionOfRow),
    async records(streamId, fromSeq = 0) {
      const rows = records(streamId, fromSeq);
      if (rows.length === 0) requireNotPruned(streamId);
      return rows.map((row) => row['bytes'] as Uint8Array);
    },
    streams: async () => streams().map((row) => row['id'] as string),
    appendControl: (record) => commit(() => appendControl(record)),
    seals: async (streamId) => seals(streamId),
    lockHolder: async (resource) => holder.get(resource)?.['id'] as string | undefined,
    barrier: () => barrier.wait(),
  };
}

function pruneChecker(database: DatabaseSync): (streamId: string) => void {
  const find = database.prepare(
    'SELECT at, archive_digest FROM pruned_streams WHERE stream_id = ?',
  );
  return (streamId) => {
    const row = find.get(streamId);
    if (row === undefined) return;
    const day = new Date(row['at'] as number).toISOString().slice(0, 10);
    throw new NotFoundError('evidence-pruned', `\`${streamId}\` was pruned on ${day}`, {
      hint: `its evidence is in the archive, a file with the SHA-256 ${row['archive_digest']}`,
    });
  };
}

// From one name to the next: DISTINCT would read the key of each record.
const STREAMS = `
  WITH RECURSIVE streams (id) AS (
    SELECT MIN(stream_id) FROM records
    UNION ALL
    SELECT (SELECT MIN(stream_id) FROM records WHERE stream_id > id) FROM streams
    WHERE id IS NOT NULL)
  SELECT id FROM streams WHERE id IS NOT NULL`;

type Append = (record: EvidenceRecord) => void;

function appender(database: DatabaseSync): Append {
  const insert = database.prepare('INSERT INTO records (stream_id, seq, bytes) VALUES (?, ?, ?)');
  return (record) => {
    insert.run(record.streamId, record.seq, recordBytes(record));
  };
}

/** Appends to a control stream inside the caller's transaction, at the next `seq`. Throws
 * `EvidenceError` (`stream-closed`). */
export function controlAppender(
  database: DatabaseSync,
): (record: Omit<EvidenceRecord, 'seq'>) => void {
  const append = appender(database);
  const size = database.prepare(
    'SELECT COALESCE(MAX(seq) + 1, 0) AS size FROM records WHERE stream_id = ?',
  );
  const closed = database.prepare('SELECT 1 AS closed FROM closed_streams WHERE stream_id = ?');
  return (record) => {
    const { streamId } = record;
    if (closed.get(streamId) !== undefined) throw streamClosed(streamId);
    append({ ...record, seq: size.get(streamId)?.['size'] as number });
  };
}

function creator(database: DatabaseSync, append: Append) {
  const insert = database.prepare(
    `INSERT INTO transactions (id, agent, actor, idempotency_key, plan_digest, undo_of,
       created_at, status, epoch, step_index, phase, attempt, details, next_seq, sealed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0)`,
  );
  const details = database.prepare('INSERT INTO transaction_details (id, plan) VALUES (?, ?)');
  return (one: Transaction, first: readonly EvidenceRecord[]): void => {
    const { id, agent, actor, idempotencyKey, plan, planDigest, undoOf, createdAt } = one;
    const { status, epoch, cursor, nextSeq } = one;
    const { stepIndex, phase, attempt } = cursor;
    insert.run(
      ...[id, agent, actor, idempotencyKey, planDigest, undoOf ?? null],
      ...[createdAt, status, epoch, stepIndex, phase, attempt, nextSeq],
    );
    details.run(id, JSON.stringify(plan));
    for (const record of first) append(record);
  };
}

function changer(database: DatabaseSync, append: Append) {
  const write = writer(database);
  // A field that the change leaves out keeps its value.
  const update = database.prepare(
    `UPDATE transactions SET step_index = ?, phase = ?, attempt = ?, next_seq = next_seq + ?,
       status = COALESCE(?, status), reason = COALESCE(?, reason),
       details = details + ?, sealed = COALESCE(?, sealed), approval = COALESCE(?, approval),
       resolution = COALESCE(?, resolution)
     WHERE id = ? AND epoch = ? AND step_index = ? AND phase = ? AND attempt = ?
       AND next_seq = COALESCE(?, next_seq)`,
  );
  // The large parts have a row of their own: SQLite writes all of a row that changes.
  const detail = database.prepare(
    `UPDATE transaction_details
     SET targets = COALESCE(?, targets), prepared = COALESCE(?, prepared) WHERE id = ?`,
  );
  return ({ transactionId, expect, update: to, records, writes }: Change): void => {
    const { cursor } = expect;
    const touchesDetails = to.targets !== undefined || to.prepared !== undefined;
    const done = update.run(
      ...[to.cursor.stepIndex, to.cursor.phase, to.cursor.attempt, records.length],
      ...[to.status ?? null, json(to.reason)],
      ...[touchesDetails ? 1 : 0, to.sealed === undefined ? null : Number(to.sealed)],
      ...[json(to.approval), json(to.resolution)],
      ...[transactionId, expect.epoch, cursor.stepIndex, cursor.phase, cursor.attempt],
      records[0]?.seq ?? null,
    );
    if (done.changes !== 1) throw movedOn(transactionId);
    if (touchesDetails) detail.run(json(to.targets), json(to.prepared), transactionId);
    for (const one of writes) write(transactionId, one);
    for (const record of records) append(record);
  };
}

function starter(database: DatabaseSync) {
  const bump = database.prepare(
    `UPDATE transactions SET epoch = epoch + 1, owner = ?, lease_until = ?,
       status = CASE WHEN status <> 'parked' THEN status
         WHEN phase IN ('compensate', 'compensation-claimed') THEN 'compensating'
         WHEN phase = 'preflight' THEN 'proposed' ELSE 'running' END
     WHERE id = ? AND epoch = ?`,
  );
  return ({ transactionId, epoch, owner, leaseUntil }: Start): void => {
    if (isDryRun(transactionId)) throw startsNothing(transactionId);
    if (bump.run(owner, leaseUntil, transactionId, epoch).changes !== 1)
      throw epochOver(transactionId, epoch);
  };
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
