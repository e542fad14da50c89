import type { Action, Facts, Target, View } from '../action.ts';
import { approvalsUnder } from '../approval.ts';
import { type StepPhase, stepRequest } from '../authorization.ts';
import { InvariantError } from '../errors.ts';
import { digestOf } from '../hash.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Step } from '../plan.ts';
import type { DecisionRequest } from '../ports/decision-point.ts';
import type { PreparedStep, Transaction } from '../transaction.ts';
import type { Ports } from './ports.ts';
import { settledRead } from './settled.ts';

/** One step of a transaction with everything that was prepared of it. */
export interface PreparedView {
  readonly stepIndex: number;
  readonly step: Step;
  readonly action: Action;
  readonly input: JsonObject;
  readonly target: Target;
  readonly prepared: PreparedStep;
}

/** A step after preflight. Throws `InvariantError` before it. */
export function preparedStep(
  ports: Pick<Ports, 'actions'>,
  transaction: Transaction,
  stepIndex: number,
): PreparedView {
  const step = transaction.plan.steps[stepIndex];
  const target = transaction.targets?.[stepIndex];
  const prepared = transaction.prepared?.[stepIndex];
  const action = step === undefined ? undefined : ports.actions.byId(step.action);
  if (step === undefined || action === undefined || target === undefined || prepared === undefined)
    throw new InvariantError(`step ${stepIndex} of \`${transaction.id}\` was not prepared`);
  return { stepIndex, step, action, input: step.input as JsonObject, target, prepared };
}

/** The chained states before a step, by footprint key. */
export function viewBefore(transaction: Transaction, stepIndex: number): View {
  const earlier = (transaction.prepared ?? []).slice(0, stepIndex);
  return { states: new Map(earlier.map((one) => [one.footprint, one.predicted])) };
}

/** A state with its digest. */
export interface Observed {
  readonly state: Json;
  readonly digest: string;
}

/** Reads the footprint of a step under its read session until it is settled. */
export async function readStep(
  ports: Ports,
  transaction: Transaction,
  view: PreparedView,
): Promise<Observed> {
  return settledRead(ports, await footprintReader(ports, transaction, view));
}

/** What reads the footprint of a step, once a call, under one read session. */
export async function footprintReader(
  { vault }: Pick<Ports, 'vault'>,
  { id: transactionId, epoch }: Transaction,
  {
    action,
    input,
    target,
    stepIndex,
  }: Pick<PreparedView, 'action' | 'input' | 'target' | 'stepIndex'>,
): Promise<() => Promise<Observed>> {
  const cloud = await vault.read({ transactionId, epoch, stepIndex });
  return async () => {
    const state = await action.read(target, input, cloud);
    return { state, digest: digestOf(state) };
  };
}

/** The Cedar request for one step; undo transactions have phases of their own. */
export function requestFor(
  ports: Pick<Ports, 'decisionPoint'>,
  transaction: Transaction,
  question: {
    readonly phase: 'apply' | 'verify' | 'compensate';
    readonly action: string;
    readonly target: Target;
    readonly resources: readonly string[];
    readonly facts: Facts;
    readonly resourceCount: number;
  },
): DecisionRequest {
  const { plan } = transaction;
  return stepRequest({
    phase: phaseOf(question.phase, transaction),
    agent: transaction.agent,
    action: question.action,
    resource: question.resources[0] ?? question.target.arn,
    target: question.target,
    facts: question.facts,
    plan: { steps: plan.steps.length, resources: question.resourceCount },
    approvals: approvalsUnder(transaction, ports.decisionPoint.policySetDigest),
    data: ports.decisionPoint,
  });
}

/** Distinct resources of a prepared plan. */
export function resourcesOf(prepared: readonly Pick<PreparedStep, 'resources'>[]): string[] {
  return [...new Set(prepared.flatMap((one) => one.resources))].sort();
}

function phaseOf(phase: 'apply' | 'verify' | 'compensate', { undoOf }: Transaction): StepPhase {
  if (undoOf === undefined || phase === 'compensate') return phase;
  return phase === 'apply' ? 'undo' : 'verify-undo';
}
