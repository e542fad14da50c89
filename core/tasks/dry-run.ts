import { planDigest } from '../plan.ts';
import type { Answer } from '../ports/decision-point.ts';
import {
  DRY_RUN_PREFIX,
  type PreparedStep,
  type Reason,
  type Transaction,
} from '../transaction.ts';
import { denialOf } from './authorize.ts';
import type { TaskContext } from './context.ts';
import { findTargets } from './locate.ts';
import { observe } from './observe.ts';
import type { Ports } from './ports.ts';
import { predictSteps } from './predict.ts';
import { isAboutThePlan } from './preflight.ts';
import { admit, parseWhole } from './propose.ts';
import { reasonOf } from './stop.ts';

/** What would become of a plan. */
export interface DryRun {
  readonly answer: 'allow' | 'deny' | 'awaiting-approval' | 'refused';
  readonly reason?: Reason;
  readonly policySetDigest: string;
  /** Empty when the plan is refused before it is decided. */
  readonly steps: readonly DryRunStep[];
}

/** One step as preflight sees it. */
export interface DryRunStep {
  readonly index: number;
  readonly id: string;
  readonly action: string;
  readonly prepared: PreparedStep;
  readonly answer: Answer;
}

/**
 * Decides and predicts a plan as preflight would, now, and does nothing: no lock, no record, no
 * execution. The plan is stored under the id of a dry run, since the vault gives sessions for
 * stored plans only; no store starts such an id and no task works on it. Throws what `propose`
 * throws.
 */
export async function dryRun(
  ports: Ports,
  { plan: input, actor }: { readonly plan: unknown; readonly actor: string },
): Promise<DryRun> {
  const idempotencyKey = ports.ids.next(DRY_RUN_PREFIX);
  const plan = parseWhole(ports, { plan: input, idempotencyKey, actor });
  const observed = observe(ports);
  await admit(observed, plan, actor);
  const row: Transaction = {
    id: idempotencyKey,
    agent: plan.agent,
    actor,
    idempotencyKey,
    plan,
    planDigest: planDigest(plan),
    createdAt: ports.clock.now(),
    status: 'proposed',
    epoch: 0,
    cursor: { stepIndex: 0, phase: 'preflight', attempt: 1 },
    nextSeq: 0,
    // INVARIANT: no sweep looks for it.
    sealed: true,
  };
  const { transaction } = await ports.store.create(row, []);
  const { ports: observedPorts, ...observing } = observed;
  const context = { ports: unsettled(observedPorts), transaction, observing };
  try {
    return await decideAll(context);
  } catch (error) {
    if (!isAboutThePlan(error)) throw error;
    const { policySetDigest } = ports.decisionPoint;
    return { answer: 'refused', reason: reasonOf(error, 0), policySetDigest, steps: [] };
  }
}

/** Nothing rests on a dry run, and its caller waits: what is read once is good enough. */
function unsettled(ports: Ports): Ports {
  return { ...ports, timing: { ...ports.timing, settleMs: 0 } };
}

async function decideAll(context: TaskContext): Promise<DryRun> {
  const { transaction, ports } = context;
  const { id: transactionId, epoch, cursor } = transaction;
  const targets = (await findTargets(context)).map((one) => one.target);
  // A dry run has no evidence.
  const change = { update: { cursor, targets }, records: [], writes: [] };
  await ports.store.change({ transactionId, expect: { epoch, cursor }, ...change });
  const predictions = await predictSteps({ ...context, transaction: { ...transaction, targets } });
  const steps = predictions.map(({ prepared, answer }, index) => {
    const { id, action } = transaction.plan.steps[index] as (typeof transaction.plan.steps)[number];
    return { index, id, action, prepared, answer };
  });
  const { policySetDigest } = ports.decisionPoint;
  const denied = steps.find((one) => one.answer.answer === 'deny');
  const denial = denied === undefined ? undefined : denialOf(denied.answer);
  if (denied !== undefined && denial !== undefined)
    return { answer: 'deny', reason: reasonOf(denial, denied.index), policySetDigest, steps };
  const isWaiting = steps.some((one) => one.answer.answer === 'awaiting-approval');
  return { answer: isWaiting ? 'awaiting-approval' : 'allow', policySetDigest, steps };
}
