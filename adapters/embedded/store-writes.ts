import type { DatabaseSync } from 'node:sqlite';
import { type ClaimWrite, requireClaimable } from '../../core/consuming.ts';
import { ConflictError } from '../../core/errors.ts';
import type { Write } from '../../core/ports/store.ts';
import {
  claimAnswered,
  claimExists,
  claimVended,
  haltedAt,
  lockLost,
} from '../../core/store-refusals.ts';
import { killModeReader } from './kill-switch-rows.ts';
import { sealWriter } from './seal-rows.ts';
import { decisionOfRow } from './store-rows.ts';

/** Applies the parts of a change inside its transaction; what they throw undoes all of it. */
export function writer(database: DatabaseSync): (transactionId: string, write: Write) => void {
  const lock = lockWriter(database);
  const held = holdChecker(database);
  const claim = claimWriter(database);
  const effectiveMode = killModeReader(database);
  const unlock = database.prepare('DELETE FROM locks WHERE transaction_id = ?');
  const decide = database.prepare(
    'INSERT INTO decisions (id, transaction_id, body) VALUES (?, ?, ?)',
  );
  const vend = database.prepare(
    'UPDATE claims SET policy_digest = ? WHERE attempt_id = ? AND policy_digest IS NULL',
  );
  const answer = database.prepare(
    'UPDATE claims SET answer = ? WHERE attempt_id = ? AND answer IS NULL',
  );
  const seal = sealWriter(database);
  return (transactionId, write) => {
    switch (write.write) {
      case 'lock':
        return lock(transactionId, write.resources);
      case 'held':
        return held(transactionId, write.resources);
      case 'unlock':
        unlock.run(transactionId);
        return;
      case 'decision':
        decide.run(write.decision.id, transactionId, JSON.stringify(write.decision));
        return;
      case 'claim':
        return claim(write);
      case 'vend':
        if (vend.run(write.policyDigest, write.attemptId).changes !== 1) throw claimVended();
        return;
      case 'answer':
        if (answer.run(write.answer, write.attemptId).changes !== 1)
          throw claimAnswered(write.attemptId);
        return;
      case 'seal':
        return seal(write.seal);
      case 'fence': {
        const mode = effectiveMode(write.scopes);
        if (write.refuse.includes(mode)) throw haltedAt(mode);
        return;
      }
    }
  };
}

function lockWriter(database: DatabaseSync) {
  const holder = database.prepare('SELECT transaction_id FROM locks WHERE resource = ?');
  const take = database.prepare('INSERT INTO locks (resource, transaction_id) VALUES (?, ?)');
  return (transactionId: string, resources: readonly string[]): void => {
    for (const resource of [...resources].sort()) {
      const held = holder.get(resource)?.['transaction_id'] as string | undefined;
      if (held !== undefined && held !== transactionId) throw new ConflictError(resource, held);
      if (held === undefined) take.run(resource, transactionId);
    }
  };
}

function holdChecker(database: DatabaseSync) {
  const holder = database.prepare('SELECT transaction_id FROM locks WHERE resource = ?');
  return (transactionId: string, resources: readonly string[]): void => {
    for (const resource of resources) {
      if (holder.get(resource)?.['transaction_id'] === transactionId) continue;
      throw lockLost(resource);
    }
  };
}

function claimWriter(database: DatabaseSync) {
  const taken = database.prepare(
    `SELECT 1 AS taken FROM claims
     WHERE transaction_id = ? AND step_index = ? AND kind = ? AND attempt = ?`,
  );
  const put = database.prepare(
    `INSERT INTO claims (attempt_id, transaction_id, step_index, kind, attempt, body)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const find = database.prepare('SELECT body, used_by FROM decisions WHERE id = ?');
  const use = database.prepare('UPDATE decisions SET used_by = ? WHERE id = ?');
  return (write: ClaimWrite): void => {
    const { claim } = write;
    const { transactionId, stepIndex, kind, attempt, attemptId } = claim;
    if (taken.get(transactionId, stepIndex, kind, attempt) !== undefined) throw claimExists();
    const row = find.get(claim.decisionId);
    const isUsed = row !== undefined && row['used_by'] !== null;
    requireClaimable(row === undefined ? undefined : decisionOfRow(row), isUsed, write);
    if (kind === 'apply') use.run(attemptId, claim.decisionId);
    put.run(attemptId, transactionId, stepIndex, kind, attempt, JSON.stringify(claim));
  };
}
