import { proposeRequest } from '../authorization.ts';
import {
  EvidenceError,
  HaltedError,
  IdempotencyError,
  InterlockError,
  InvalidInputError,
} from '../errors.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import { issueText, type Plan, parsePlan, planDigest } from '../plan.ts';
import type { Answer } from '../ports/decision-point.ts';
import type { KillMode } from '../ports/kill-switch.ts';
import { scopesOf } from '../ports/kill-switch.ts';
import { streamOf, type Transaction } from '../transaction.ts';
import { answerData, denialOf } from './authorize.ts';
import { refusedRecord } from './control.ts';
import { actionOf } from './locate.ts';
import { type ObservedPorts, observe } from './observe.ts';
import type { Ports } from './ports.ts';

/** Characters of an idempotency key, at most. */
export const IDEMPOTENCY_KEY_CHARACTERS_MAX = 128;

/** A plan as it comes from a caller whose identity is known. */
export interface Proposal {
  /** Anything: it is parsed here. */
  readonly plan: unknown;
  readonly idempotencyKey: string;
  /** The authenticated principal, `agent:ID` or `operator:NAME`. */
  readonly actor: string;
  /** The committed transaction that the plan undoes. */
  readonly undoOf?: string;
}

/** A transaction that is durably there. */
export interface Proposed {
  readonly transaction: Transaction;
  /** False when the same key had brought the same plan before. */
  readonly isNew: boolean;
}

/**
 * Accepts a plan as a transaction, durably, and starts nothing. Throws `InvalidInputError`,
 * `IdempotencyError` (same key, other plan), `HaltedError` (kill switch above `running`),
 * `DeniedError`; a refusal by policy or kill switch is evidence in the control stream.
 */
export async function propose(ports: Ports, proposal: Proposal): Promise<Proposed> {
  const plan = parseWhole(ports, proposal);
  const { actor, idempotencyKey } = proposal;
  const existing = await ports.store.findByKey(actor, idempotencyKey);
  if (existing !== undefined) {
    const proposed = sameOrRefuse(existing, plan, proposal);
    // Whoever created it may not have made it durable yet.
    await ports.store.barrier();
    return proposed;
  }
  const observed = observe(ports);
  const answer = await admit(observed, plan, actor);
  const created = await create(observed, { plan, proposal, answer });
  await ports.store.barrier();
  return created.isNew ? created : sameOrRefuse(created.transaction, plan, proposal);
}

/** Parses a plan with the inputs of its steps. Throws `InvalidInputError` that names the step. */
export function parseWhole(ports: Pick<Ports, 'actions'>, proposal: Proposal): Plan {
  const length = proposal.idempotencyKey.length;
  if (length === 0 || length > IDEMPOTENCY_KEY_CHARACTERS_MAX)
    throw new InvalidInputError(
      'invalid-key',
      `an idempotency key has 1 to ${IDEMPOTENCY_KEY_CHARACTERS_MAX} characters, not ${length}`,
    );
  const plan = parsePlan(proposal.plan);
  for (const [index, step] of plan.steps.entries()) parseStep(ports, step, index);
  return plan;
}

function parseStep(
  ports: Pick<Ports, 'actions'>,
  step: Plan['steps'][number],
  index: number,
): void {
  const place = `step ${index + 1} (\`${step.id}\`)`;
  let action: ReturnType<typeof actionOf>;
  try {
    action = actionOf(ports, step.action);
  } catch (error) {
    if (error instanceof InterlockError) error.message = `${place} names ${error.message}`;
    throw error;
  }
  const result = action.input.safeParse(step.input);
  if (result.success) return;
  throw new InvalidInputError(
    'invalid-input',
    `${place}: input of \`${action.id}\` is not valid at ${issueText(result.error)}`,
  );
}

function sameOrRefuse(existing: Transaction, plan: Plan, { undoOf }: Proposal): Proposed {
  // The same steps as an undo are decided otherwise, and wait for an approval.
  if (existing.planDigest === planDigest(plan) && existing.undoOf === undoOf)
    return { transaction: existing, isNew: false };
  throw new IdempotencyError(
    'idempotency-key-reused',
    `the idempotency key belongs to transaction \`${existing.id}\` with another plan`,
    { hint: 'use a new key for a new plan' },
  );
}

/** Asks kill switch and decision point whether a plan may be proposed; a refusal is recorded and
 * thrown. */
export async function admit(observed: ObservedPorts, plan: Plan, actor: string): Promise<Answer> {
  const { ports } = observed;
  const modes = await Promise.all(
    [undefined, ...new Set(plan.steps.map((step) => step.action))].map((action) =>
      ports.killSwitch.effective(scopesOf(plan.agent, action)),
    ),
  );
  const mode = modes.find((one) => one !== 'running');
  if (mode !== undefined) return refuseProposal(observed, { plan, actor, error: haltedBy(mode) });
  const answer = await ports.decisionPoint.decide(
    proposeRequest({
      agent: plan.agent,
      accountId: plan.target.accountId,
      steps: plan.steps.length,
      data: ports.decisionPoint,
    }),
  );
  const error = denialOf(answer);
  return error === undefined ? answer : refuseProposal(observed, { plan, actor, error });
}

function haltedBy(mode: KillMode): HaltedError {
  return new HaltedError(mode, `the kill switch is at \`${mode}\`: no new transactions`, {
    hint: 'see `interlock kill status`',
  });
}

/** Records in the control stream that a proposal was refused, durably, and throws why. */
export async function refuseProposal(
  observed: ObservedPorts,
  refusal: { readonly plan: Plan; readonly actor: string; readonly error: InterlockError },
): Promise<never> {
  const { plan, actor, error } = refusal;
  const record = refusedRecord(observed, {
    actor,
    call: 'propose',
    subject: { planDigest: planDigest(plan), agent: plan.agent },
    error,
  });
  await observed.ports.store.appendControl(record);
  await observed.ports.store.barrier();
  throw error;
}

async function create(
  { ports, take }: ObservedPorts,
  { plan, proposal, answer }: { plan: Plan; proposal: Proposal; answer: Answer },
): Promise<Proposed> {
  const now = ports.clock.now();
  const id = ports.ids.next('tx');
  const { actor, idempotencyKey, undoOf } = proposal;
  const transaction: Transaction = {
    id,
    agent: plan.agent,
    actor,
    idempotencyKey,
    plan,
    planDigest: planDigest(plan),
    ...(undoOf === undefined ? {} : { undoOf }),
    createdAt: now,
    status: 'proposed',
    epoch: 0,
    cursor: { stepIndex: 0, phase: 'preflight', attempt: 1 },
    nextSeq: 1,
    sealed: false,
  };
  const { agent, planDigest: digest } = transaction;
  const data = {
    planDigest: digest,
    plan: { ...plan },
    agent,
    actions: versionsOf(ports, plan),
    decision: answerData(answer),
    ...(undoOf === undefined ? {} : { undoOf }),
  };
  const record: EvidenceRecord = {
    v: 1,
    streamId: streamOf(id),
    seq: 0,
    kind: 'proposed',
    at: new Date(now).toISOString(),
    epoch: 0,
    actor,
    data,
    observations: take(),
  };
  try {
    return await ports.store.create(transaction, [record]);
  } catch (cause) {
    if (!(cause instanceof EvidenceError)) throw cause;
    const message = `the plan does not fit: ${cause.message}`;
    throw new InvalidInputError('plan-too-large', message, { cause });
  }
}

/** The versions of the actions of a plan, by id: which code the records are of. */
function versionsOf(ports: Pick<Ports, 'actions'>, plan: Plan): Readonly<Record<string, number>> {
  const ids = [...new Set(plan.steps.map((step) => step.action))];
  return Object.fromEntries(ids.map((id) => [id, actionOf(ports, id).version]));
}
