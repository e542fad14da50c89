import type { EvidenceRecord } from '../core/evidence/record.ts';
import type { JsonObject } from '../core/json.ts';

const ATTEMPTS = 3;
const DIGEST = 'd'.repeat(64);
/** About as large as a policy document. */
const STATE: JsonObject = { uniqueId: 'AROA', document: 'x'.repeat(1000) };

/**
 * The records of a transaction as the engine writes them, in which every step is tried three times
 * and then all are unwound, each with three calls: `steps * 24 + 4` records.
 */
export function longHistory(steps: number): readonly EvidenceRecord[] {
  const records: EvidenceRecord[] = [];
  const tell = (kind: string, data: JsonObject, place: Place = {}): void => {
    const seq = records.length;
    const at = new Date(Date.UTC(2026, 10, 25) + seq).toISOString();
    const actor = 'control-plane';
    const fixed = { v: 1, streamId: 'tx:long', epoch: 1, actor, observations: [] } as const;
    records.push({ ...fixed, seq, kind, at, data, ...place });
  };
  const indices = Array.from({ length: steps }, (_, index) => index);
  tell('proposed', { agent: 'bench', plan: planOf(indices), planDigest: DIGEST });
  for (const stepIndex of indices) tell('located', { target: { uniqueId: 'AROA' } }, { stepIndex });
  tell('preflighted', { policySetDigest: DIGEST, steps: indices.map(preparedOf) });
  for (const stepIndex of indices) tellForward(tell, stepIndex);
  tell('unwinding', { reason: { code: 'failed' } }, { stepIndex: steps - 1 });
  for (const stepIndex of [...indices].reverse()) tellBack(tell, stepIndex);
  tell('outcome', { status: 'compensated', reason: { code: 'failed' } });
  return records;
}

interface Place {
  readonly stepIndex?: number;
  readonly attempt?: number;
}
type Tell = (kind: string, data: JsonObject, place?: Place) => void;

function tellForward(tell: Tell, stepIndex: number): void {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const attemptId = `apply-${stepIndex}-${attempt}`;
    const place = { stepIndex, attempt };
    tell('decided', { answer: 'allow' }, place);
    tell('claimed', claimOf(attemptId), place);
    tell('vended', { attemptId, policyDigest: DIGEST }, place);
    const answer = attempt < ATTEMPTS ? 'not-applied' : 'applied';
    tell('acknowledged', { attemptId, answer }, place);
  }
  tell('verified', { after: STATE, afterDigest: DIGEST, ok: true }, { stepIndex, attempt: 3 });
}

function tellBack(tell: Tell, stepIndex: number): void {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const attemptId = `compensate-${stepIndex}-${attempt}`;
    const place = { stepIndex, attempt };
    tell('unwinding', {}, { stepIndex });
    tell('compensating', claimOf(attemptId), place);
    tell('vended', { attemptId, policyDigest: DIGEST }, place);
    if (attempt < ATTEMPTS) continue;
    tell('compensated', { attemptId, after: STATE, afterDigest: DIGEST }, place);
  }
}

function claimOf(attemptId: string): JsonObject {
  return { attemptId, decisionId: 'decision', effectDeadline: 0, beforeDigest: DIGEST };
}

function planOf(indices: readonly number[]): JsonObject {
  const steps = indices.map((index) => ({ id: `step-${index}`, action: 'bench:Act', input: {} }));
  const target = { partition: 'aws', accountId: '111122223333' };
  return { agent: 'bench', purpose: 'measure', target, deadlineMs: 1, steps };
}

function preparedOf(stepIndex: number): JsonObject {
  const states = { before: STATE, predicted: STATE };
  const digests = { beforeDigest: DIGEST, predictedDigest: DIGEST };
  const facts = { widens: false, affectedPrincipals: 1, removedCount: 0 };
  const where = { resources: [`role-${stepIndex}`], footprint: `role-${stepIndex}` };
  return { stepIndex, ...states, ...digests, ...where, facts, decision: { answer: 'allow' } };
}
