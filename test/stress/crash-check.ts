import { checkpointFolder } from '../../adapters/embedded/checkpoints.ts';
import { type ControlPlane, openControlPlane } from '../../adapters/embedded/control-plane.ts';
import { dataFolderAt } from '../../adapters/embedded/data-folder.ts';
import { keyFileSigner } from '../../adapters/embedded/signer.ts';
import { bundleOf } from '../../api/view/bundle-of.ts';
import { verifyBundle } from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import type { DecisionPoint } from '../../core/ports/decision-point.ts';
import { type Claim, isFinal, streamOf, type Transaction } from '../../core/transaction.ts';
import { type Called, calledOf } from './crash-calls.ts';

/** What must hold on a data folder after everything was recovered. */
export interface Expectation {
  readonly beforeDigest: string;
  readonly fullDigest: string;
  /** The caller was told that the proposal is accepted. */
  readonly isAcknowledged: boolean;
  /** The end that was durable before the process died, if any. */
  readonly status?: Transaction['status'];
}

/** What was found. */
export interface Finding {
  /** `absent` when the proposal was never made. */
  readonly status: Transaction['status'] | 'absent';
  readonly violations: readonly string[];
  /** Of the account. */
  readonly digest: string;
}

/** Looks at a recovered data folder from outside and says what does not hold. */
export async function checkFolder(
  folder: string,
  expected: Expectation,
  decisionPoint: DecisionPoint,
): Promise<Finding> {
  const files = dataFolderAt(folder);
  const plane = openControlPlane({
    storePath: files.store,
    accountPath: files.account,
    signer: keyFileSigner(files.key),
    decisionPoint,
    operator: 'crash-test',
    log: {
      signer: keyFileSigner(files.logKey),
      checkpoints: checkpointFolder(files.checkpoints),
    },
  });
  try {
    return await check(plane, expected);
  } finally {
    plane.close();
  }
}

async function check(plane: ControlPlane, expected: Expectation): Promise<Finding> {
  const { transactions } = await plane.ports.store.list({ limit: 10 });
  const [transaction] = transactions;
  const digest = plane.account.digest();
  if (transaction === undefined)
    return { status: 'absent', digest, violations: absent(plane, expected) };
  const { store } = plane.ports;
  const claims = await store.claims(transaction.id);
  const calls = calledOf(plane.account.mutations());
  const violations = [
    ...(transactions.length > 1 ? [`there are ${transactions.length} transactions`] : []),
    ...endViolations(transaction, expected),
    ...accountViolations(transaction, digest, expected),
    ...effectViolations(transaction, claims, calls),
    ...claims.flatMap((claim) => claimViolations(claim, calls)),
    ...(await lockViolations(plane, transaction)),
    ...(await evidenceViolations(plane, transaction)),
  ];
  return { status: transaction.status, digest, violations };
}

function absent(plane: ControlPlane, { isAcknowledged, beforeDigest }: Expectation): string[] {
  return [
    ...(isAcknowledged ? ['an acknowledged proposal is lost'] : []),
    ...(plane.account.digest() === beforeDigest ? [] : ['the account changed without a plan']),
    ...(plane.account.mutations().length === 0 ? [] : ['the account was called without a plan']),
  ];
}

function endViolations(transaction: Transaction, expected: Expectation): string[] {
  const { status, sealed, cursor } = transaction;
  const found: string[] = [];
  if (!isFinal(status)) found.push(`\`${status}\` is not final, at \`${cursor.phase}\``);
  if (status === 'stuck') found.push('stuck');
  if (!sealed || cursor.phase !== 'ended') found.push('not sealed');
  if (expected.status !== undefined && status !== expected.status)
    found.push(`was durably \`${expected.status}\`, now \`${status}\``);
  return found;
}

function accountViolations({ status }: Transaction, digest: string, expected: Expectation) {
  const wanted = status === 'committed' ? expected.fullDigest : expected.beforeDigest;
  return digest === wanted ? [] : [`\`${status}\` does not fit the account`];
}

/** No effect without its claim, none twice, and as many as the end says. */
function effectViolations(
  { id, status, plan }: Transaction,
  claims: readonly Claim[],
  calls: readonly Called[],
): string[] {
  const found: string[] = [];
  for (const { transactionId, attemptId, operation } of calls)
    if (transactionId !== id || !claims.some((claim) => claim.attemptId === attemptId))
      found.push(`\`${operation}\` was called without a claim`);
  for (const [index, step] of plan.steps.entries()) {
    const ofKind = (kind: Claim['kind']) =>
      claims
        .filter((claim) => claim.stepIndex === index && claim.kind === kind)
        .flatMap((claim) => calls.filter((one) => one.attemptId === claim.attemptId))
        .filter((call) => call.isDone).length;
    const applied = ofKind('apply');
    if (applied > 1) found.push(`step \`${step.id}\` was applied ${applied} times`);
    if (status !== 'committed') continue;
    if (applied !== 1) found.push(`step \`${step.id}\` of a committed plan has no effect`);
    if (ofKind('compensate') > 0) found.push(`step \`${step.id}\` was compensated, then committed`);
  }
  return found;
}

/** A claim makes one call at most, within its time, and its recorded answer is true. */
function claimViolations(claim: Claim, calls: readonly Called[]): string[] {
  const { attemptId, answer, effectDeadline, kind } = claim;
  const own = calls.filter((call) => call.attemptId === attemptId);
  const isDone = own.some((call) => call.isDone);
  const found: string[] = [];
  if (own.length > 1) found.push(`claim \`${attemptId}\` made ${own.length} calls`);
  if (own.some((call) => call.at > effectDeadline && call.isDone))
    found.push(`claim \`${attemptId}\` had its effect after its deadline`);
  if (answer === 'refused' && isDone) found.push(`\`${attemptId}\` was done, not refused`);
  if (answer === 'not-applied' && isDone) found.push(`\`${attemptId}\` was done after all`);
  const saysDone = kind === 'apply' && (answer === 'applied' || answer === 'recovered');
  if (saysDone && !isDone) found.push(`\`${attemptId}\` is said to be \`${answer}\` and is not`);
  return found;
}

async function lockViolations(plane: ControlPlane, { prepared = [] }: Transaction) {
  const resources = [...new Set(prepared.flatMap((step) => step.resources))];
  const holders = await Promise.all(resources.map((one) => plane.ports.store.lockHolder(one)));
  return holders.some((holder) => holder !== undefined) ? ['a lock was left behind'] : [];
}

async function evidenceViolations(plane: ControlPlane, { id }: Transaction): Promise<string[]> {
  const { ports, log } = plane;
  if (log === undefined) throw new Error('the folder was opened without its log');
  const refused: string[] = [];
  await log.sequence('wait').catch((error: Error) => {
    refused.push(`evidence: log: ${error.message}`);
  });
  const bundle = await bundleOf({ ...ports, log }, streamOf(id));
  const verdict = verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [log.keyId] });
  const { integrity, signer: signed, complete, outcome } = verdict;
  const violations = Object.entries({ integrity, signed, complete, outcome })
    .filter(([, one]) => one.ok !== true)
    .map(([name, one]) => `evidence: ${name}: ${one.reason}`);
  return [...refused, ...violations];
}
