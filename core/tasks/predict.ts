import type { Action, Target } from '../action.ts';
import { InvalidInputError } from '../errors.ts';
import type { Observation } from '../evidence/record.ts';
import { digestOf } from '../hash.ts';
import type { Json, JsonObject } from '../json.ts';
import { RESOURCES_MAX, type Step } from '../plan.ts';
import type { Answer } from '../ports/decision-point.ts';
import { sessionPolicyText } from '../session-policy.ts';
import type { PreparedStep } from '../transaction.ts';
import type { TaskContext } from './context.ts';
import { actionOf, named } from './locate.ts';
import { SETTLING_MAX } from './ports.ts';
import { requireRecordable } from './recordable.ts';
import { repeatable, settledRead } from './settled.ts';
import { footprintReader, type Observed, requestFor, resourcesOf } from './step.ts';

/** A deadline as long as any, to measure session policies with. */
const LATEST_MS = Date.UTC(9999, 11, 31);

/** A step as it will be, and what the decision point says to it. */
export interface Prediction {
  readonly prepared: PreparedStep;
  readonly answer: Answer;
  /** What was seen while it was predicted; all steps are, before any is decided. */
  readonly predicting: readonly Observation[];
  readonly deciding: readonly Observation[];
}

/** A footprint that has settled, and how it is read again. */
interface Settled {
  readonly digest: string;
  readonly read: () => Promise<Observed>;
}

/** What is known before a step is predicted, by footprint. */
interface Known {
  /** Chained from the steps before. */
  readonly states: ReadonlyMap<string, Json>;
  readonly settled: ReadonlyMap<string, Settled>;
}

/** The dry run: reads each footprint once, chains the predictions, decides every step on them. */
export async function predictSteps(context: TaskContext): Promise<readonly Prediction[]> {
  const seen: (readonly Observation[])[] = [];
  try {
    const prepared = await prepareSteps(context, seen);
    return await decideSteps(context, prepared, seen);
  } catch (error) {
    context.observing.giveBack(seen.flat());
    throw error;
  }
}

async function prepareSteps(
  context: TaskContext,
  seen: (readonly Observation[])[],
): Promise<readonly PreparedStep[]> {
  const { ports, transaction, observing } = context;
  const states = new Map<string, Json>();
  const settled = await settleAll(context);
  const prepared: PreparedStep[] = [];
  for (const [stepIndex, step] of transaction.plan.steps.entries()) {
    const { timing } = ports;
    const one = await named(step.id, () => predictStep(context, stepIndex, { states, settled }));
    prepared.push(one);
    const observations = observing.take();
    seen.push(observations);
    await named(step.id, async () => requireRecordable(timing, one, observations));
    states.set(one.footprint, one.predicted);
  }
  const count = resourcesOf(prepared).length;
  if (count > RESOURCES_MAX)
    throw new InvalidInputError(
      'too-many-resources',
      `the plan touches ${count} resources, above ${RESOURCES_MAX}`,
    );
  return prepared;
}

async function decideSteps(
  context: TaskContext,
  prepared: readonly PreparedStep[],
  seen: readonly (readonly Observation[])[],
): Promise<readonly Prediction[]> {
  const { ports, transaction, observing } = context;
  const resourceCount = resourcesOf(prepared).length;
  const predictions: Prediction[] = [];
  for (const [stepIndex, one] of prepared.entries()) {
    const request = requestFor(ports, transaction, {
      phase: 'apply',
      action: (transaction.plan.steps[stepIndex] as Step).action,
      target: targetOf(context, stepIndex),
      resources: one.resources,
      facts: one.facts,
      resourceCount,
    });
    const answer = await ports.decisionPoint.decide(request);
    const predicting = seen[stepIndex] ?? [];
    predictions.push({ prepared: one, answer, predicting, deciding: observing.take() });
  }
  return predictions;
}

async function predictStep(
  context: TaskContext,
  stepIndex: number,
  { states, settled }: Known,
): Promise<PreparedStep> {
  const { ports, transaction } = context;
  const step = transaction.plan.steps[stepIndex] as { action: string; input: JsonObject };
  const action = actionOf(ports, step.action);
  const { input } = step;
  const target = targetOf(context, stepIndex);
  requireSessionsFit(action, target, input);
  const footprint = action.footprint(target, input);
  const before =
    states.get(footprint) ?? (await readBefore(context, stepIndex, settled.get(footprint)));
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

/**
 * Has every footprint settle, several at once: one after the other, a long plan would take longer
 * than a task may. What fails here fails again, by its name, when its step is predicted; and what
 * a prediction rests on is read again then, so that its record has it.
 */
async function settleAll(context: TaskContext): Promise<ReadonlyMap<string, Settled>> {
  const { ports, transaction, observing } = context;
  const settled = new Map<string, Settled>();
  const { settleMs, settlingMax = SETTLING_MAX } = ports.timing;
  if (settleMs === 0) return settled;
  const before = observing.take();
  const taken = new Set<string>();
  const waiting = transaction.plan.steps.entries();
  const work = async (): Promise<void> => {
    for (const [stepIndex, { action: id, input }] of waiting) {
      const action = ports.actions.byId(id);
      const footprint = action?.footprint(targetOf(context, stepIndex), input as JsonObject);
      if (footprint === undefined || taken.has(footprint)) continue;
      taken.add(footprint);
      const read = await readerOf(context, stepIndex).catch(() => undefined);
      if (read === undefined) continue;
      const seen = await settledRead(ports, read).catch(() => undefined);
      if (seen !== undefined) settled.set(footprint, { digest: seen.digest, read });
    }
  };
  await Promise.all(Array.from({ length: settlingMax }, work));
  // What a prediction rests on is read, and seen, once more.
  observing.take();
  observing.giveBack(before);
  return settled;
}

async function readBefore(
  context: TaskContext,
  stepIndex: number,
  settled: Settled | undefined,
): Promise<Json> {
  if (settled !== undefined) {
    const seen = await repeatable(settled.read);
    if (seen.digest === settled.digest) return seen.state;
  }
  const read = settled?.read ?? (await readerOf(context, stepIndex));
  return (await settledRead(context.ports, read)).state;
}

async function readerOf(context: TaskContext, stepIndex: number): Promise<() => Promise<Observed>> {
  const { ports, transaction } = context;
  const step = transaction.plan.steps[stepIndex] as { action: string; input: JsonObject };
  const action = actionOf(ports, step.action);
  const target = targetOf(context, stepIndex);
  return footprintReader(ports, transaction, { action, input: step.input, target, stepIndex });
}

function targetOf({ transaction }: TaskContext, stepIndex: number): Target {
  return transaction.targets?.[stepIndex] as Target;
}
