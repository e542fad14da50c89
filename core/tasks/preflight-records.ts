import type { Observation } from '../evidence/record.ts';
import { canonicalText } from '../hash.ts';
import type { JsonObject } from '../json.ts';
import { answerData } from './authorize.ts';
import type { RecordDraft } from './context.ts';
import type { Prediction } from './predict.ts';

/** Characters of steps that one record takes; below the bound of a record, observations included. */
const STEPS_CHARACTERS_MAX = 64 * 1024;

/** The `preflighted` records of a plan: as many steps in each as fit, what was seen in order. */
export function preflightedRecords(predictions: readonly Prediction[]): readonly RecordDraft[] {
  const policySetDigest = predictions[0]?.answer.policySetDigest ?? '';
  return packed([
    ...predictions.map(({ predicting }) => ({ observations: predicting })),
    ...predictions.map((one, stepIndex) => ({
      observations: one.deciding,
      step: stepData(stepIndex, one),
    })),
  ]).map(({ steps, observations }) => ({
    kind: 'preflighted',
    data: { steps, policySetDigest },
    observations,
  }));
}

/** What was seen by a preflight that did not come to a prediction, where one record is too small. */
export function unfinishedRecords(observations: readonly Observation[]): readonly RecordDraft[] {
  return packed(observations.map((one) => ({ observations: [one] }))).map((one) => ({
    kind: 'preflighted',
    data: { steps: [] },
    observations: one.observations,
  }));
}

interface Part {
  readonly observations: readonly Observation[];
  readonly step?: JsonObject;
}

interface Pack {
  readonly steps: JsonObject[];
  readonly observations: Observation[];
}

/** The parts in order, as many together as fit. */
function packed(parts: readonly Part[]): readonly Pack[] {
  const packs: Pack[] = [];
  let room = 0;
  for (const { observations, step } of parts) {
    const size = canonicalText(step ?? {}).length + canonicalText(observations).length;
    if (size > room) {
      packs.push({ steps: [], observations: [] });
      room = STEPS_CHARACTERS_MAX;
    }
    if (step !== undefined) packs.at(-1)?.steps.push(step);
    packs.at(-1)?.observations.push(...observations);
    room -= size;
  }
  return packs;
}

function stepData(stepIndex: number, { prepared, answer }: Prediction): JsonObject {
  const decision = answerData(answer);
  return { stepIndex, ...prepared, facts: { ...prepared.facts }, decision };
}
