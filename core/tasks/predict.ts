import type { Action, Target } from '../action.ts';
import { InvalidInputError } from '../errors.ts';
import type { Observation } from '../evidence/record.ts';
import { digestOf } from '../hash.ts';
import type { Json, JsonObject } from '../json.ts';
import { RESOURCES_MAX } from '../plan.ts';
import type { Answer } from '../ports/decision-point.ts';
import { sessionPolicyText } from '../session-policy.ts';
import type { PreparedStep } from '../transaction.ts';
import type { TaskContext } from './context.ts';
import { actionOf, named } from './locate.ts';
import type { Ports } from './ports.ts';
import { requireRecordable } from './recordable.ts';
import { settledRead } from './settled.ts';
import { requestFor, resourcesOf } from './step.ts';

/** A deadline as long as any, to measure session policies with. */
const LATEST_MS = Date.UTC(9999, 11, 31);

/** A step as it will be, and what the decision point says to it. */
export interface Prediction {
  readonly prepared: PreparedStep;
  readonly answer: Answer;
  readonly observations: readonly Observation[];
}

/** The dry run: reads each footprint once, chains the predictions, decides every step on them. */
export async function predictSteps(context: TaskContext): Promise<readonly Prediction[]> {
  const { ports, transaction } = context;
  const { plan } = transaction;
  const states = new Map<string, Json>();
  const prepared: PreparedStep[] = [];
  const seen: (readonly Observation[])[] = [];
  for (const [stepIndex, step] of plan.steps.entries()) {
    const one = await named(step.id, () => predictStep(context, stepIndex, states));
    prepared.push(one);
    const observations = context.takeObservations();
    await named(step.id, async () => requireRecordable(ports.timing, one, observations));
    seen.push(observations);
    states.set(one.footprint, one.predicted);
  }
  const resources = resourcesOf(prepared);
  if (resources.length > RESOURCES_MAX)
    throw new InvalidInputError(
      'too-many-resources',
      `the plan touches ${resources.length} resources, above ${RESOURCES_MAX}`,
    );
  const predictions: Prediction[] = [];
  for (const [stepIndex, one] of prepared.entries()) {
    const request = requestFor(ports, transaction, {
      phase: 'apply',
      action: (plan.steps[stepIndex] as { action: string }).action,
      target: targetOf(context, stepIndex),
      resources: one.resources,
      facts: one.facts,
      resourceCount: resources.length,
    });
    const answer = await ports.decisionPoint.decide(request);
    const observations = [...(seen[stepIndex] ?? []), ...context.takeObservations()];
    predictions.push({ prepared: one, answer, observations });
  }
  return predictions;
}

async function predictStep(
  context: TaskContext,
  stepIndex: number,
  states: ReadonlyMap<string, Json>,
): Promise<PreparedStep> {
  const { ports, transaction } = context;
  const step = transaction.plan.steps[stepIndex] as { action: string; input: JsonObject };
  const action = actionOf(ports, step.action);
  const { input } = step;
  const target = targetOf(context, stepIndex);
  requireSessionsFit(action, target, input);
  const footprint = action.footprint(target, input);
  const before = states.get(footprint) ?? (await readBefore(ports, context, stepIndex));
  if (!action.restorable(before))
    throw new InvalidInputError('not-restorable', 'the state before could not be put back');
  const predicted = action.predict(input, before);
  return {
    resources: action.resources(target, input),
    footprint,
    before,
    beforeDigest: digestOf(before),
    predicted,
    predictedDigest: digestOf(predicted),
    facts: action.facts(target, input, before, predicted, { states }),
  };
}

/** Refuses at preflight what no session policy can say. Throws `session-policy-too-large`. */
function requireSessionsFit(action: Action, target: Target, input: JsonObject): void {
  const { read, apply, compensate } = action.permissions(target, input);
  sessionPolicyText(read);
  sessionPolicyText(apply, LATEST_MS);
  sessionPolicyText(compensate, LATEST_MS);
}

async function readBefore(ports: Ports, context: TaskContext, stepIndex: number): Promise<Json> {
  const { id: transactionId, epoch, plan } = context.transaction;
  const step = plan.steps[stepIndex] as { action: string; input: JsonObject };
  const cloud = await ports.vault.read({ transactionId, epoch, stepIndex });
  const target = targetOf(context, stepIndex);
  const action = actionOf(ports, step.action);
  const seen = await settledRead(ports, async () => {
    const state = await action.read(target, step.input, cloud);
    return { state, digest: digestOf(state) };
  });
  return seen.state;
}

function targetOf({ transaction }: TaskContext, stepIndex: number): Target {
  return transaction.targets?.[stepIndex] as Target;
}
