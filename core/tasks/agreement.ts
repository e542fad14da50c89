import { EvidenceError } from '../errors.ts';
import { type EvidenceRecord, parseRecord } from '../evidence/record.ts';
import { verifyOutcome } from '../evidence/verify-outcome.ts';
import { canonicalText } from '../hash.ts';
import type { Json } from '../json.ts';
import type { Claim, Transaction } from '../transaction.ts';
import { isFinal, streamOf } from '../transaction.ts';
import type { Ports } from './ports.ts';

/**
 * Refuses to sign evidence that contradicts the store: every decision row has its `decided` record
 * and the other way round, every claim its `claimed` or `compensating` record with the same
 * decision, digests and deadline, every vend and answer its record, every approval its `approved`
 * record. Throws `EvidenceError` (`records-incomplete`, `decision-mismatch`, `claim-mismatch`,
 * `vend-mismatch`, `answer-mismatch`, `approval-mismatch`, `before-mismatch`), and refuses what an
 * outsider would not believe: a story that does not hold (`story-mismatch`).
 */
export async function requireAgreement(
  ports: Pick<Ports, 'store' | 'crypto'>,
  transaction: Transaction,
  bytes: readonly Uint8Array[],
): Promise<void> {
  const records = bytes.map(parseRecord);
  const streamId = streamOf(transaction.id);
  const isWhole =
    records.length === transaction.nextSeq &&
    records.every((one, index) => one.seq === index && one.streamId === streamId);
  if (!isWhole)
    throw new EvidenceError(
      'records-incomplete',
      `\`${streamId}\` has ${records.length} records, not ${transaction.nextSeq}`,
    );
  const decisions = await ports.store.decisions(transaction.id);
  const decided = dataOf(records, ['decided'])
    .map((data) => data['decision'])
    .filter((one) => one !== undefined);
  const rows = decisions.map((one) => canonicalText(one));
  requireSame('decision-mismatch', rows, decided.map(canonicalText));
  const claims = await ports.store.claims(transaction.id);
  requireSame(
    'claim-mismatch',
    claims.map(claimText),
    dataOf(records, ['claimed', 'compensating']).map(({ decision: _, ...data }) =>
      canonicalText(data),
    ),
  );
  requireSame(
    'vend-mismatch',
    claims.flatMap(({ attemptId, policyDigest }) =>
      policyDigest === undefined ? [] : [canonicalText({ attemptId, policyDigest })],
    ),
    dataOf(records, ['vended']).map(canonicalText),
  );
  requireSame('answer-mismatch', claims.flatMap(answerTexts), [
    ...dataOf(records, ['acknowledged']).map(({ attemptId, answer }) =>
      canonicalText({ attemptId, answer }),
    ),
    ...dataOf(records, ['compensated']).map(({ attemptId }) =>
      canonicalText({ attemptId, answer: 'applied' }),
    ),
  ]);
  requireApproved(transaction, records);
  requireBound(claims, transaction);
  if (isFinal(transaction.status)) requireStory(ports, transaction, records);
}

function dataOf(
  records: readonly EvidenceRecord[],
  kinds: readonly string[],
): readonly Readonly<Record<string, Json>>[] {
  return records.filter((one) => kinds.includes(one.kind)).map((one) => one.data);
}

function claimText(claim: Claim): string {
  const { attemptId, decisionId, effectDeadline, beforeDigest, kind } = claim;
  return canonicalText({ attemptId, decisionId, effectDeadline, beforeDigest, kind });
}

function answerTexts({ attemptId, answer }: Claim): readonly string[] {
  return answer === undefined ? [] : [canonicalText({ attemptId, answer })];
}

function requireSame(code: string, rows: readonly string[], recorded: readonly string[]): void {
  const left = [...rows].sort();
  const right = [...recorded].sort();
  if (left.length === right.length && left.every((text, index) => text === right[index])) return;
  throw new EvidenceError(
    code,
    `the store has ${rows.length} where the records have ${recorded.length}, or they differ`,
  );
}

/** What counts as approved was approved; one that expired before it counted may stand alone. */
function requireApproved({ approval }: Transaction, records: readonly EvidenceRecord[]): void {
  if (approval === undefined) return;
  const { planDigest, dryRunDigest, policySetDigest } = approval;
  const told = new Set(
    records
      .filter((one) => one.kind === 'approved')
      .map(({ actor, data: { decision: _, ...data } }) => canonicalText({ actor, ...data })),
  );
  for (const { by, expiresAt } of approval.given) {
    const data = { by, expiresAt, planDigest, dryRunDigest, policySetDigest };
    if (told.has(canonicalText({ actor: by, ...data }))) continue;
    throw new EvidenceError('approval-mismatch', `no record tells the approval of \`${by}\``);
  }
}

/** Each claim must rest on the state that preflight recorded for its step. */
function requireBound(claims: readonly Claim[], transaction: Transaction): void {
  for (const claim of claims) {
    if (transaction.prepared?.[claim.stepIndex]?.beforeDigest === claim.beforeDigest) continue;
    throw new EvidenceError(
      'before-mismatch',
      `the claim \`${claim.attemptId}\` rests on another state than preflight recorded`,
    );
  }
}

/** The records, by themselves, must tell one story: of the stored plan, to the stored end. */
function requireStory(
  { crypto }: Pick<Ports, 'crypto'>,
  { id, planDigest, status }: Transaction,
  records: readonly EvidenceRecord[],
): void {
  const told = {
    planDigest: dataOf(records, ['proposed'])[0]?.['planDigest'],
    status: dataOf(records, ['outcome'])[0]?.['status'],
  };
  const check = verifyOutcome(crypto, streamOf(id), records, []);
  if (check.ok !== false && told.planDigest === planDigest && told.status === status) return;
  throw new EvidenceError('story-mismatch', `the records of \`${id}\` are not what happened`);
}
