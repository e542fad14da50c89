import type { Observation } from '../evidence/record.ts';
import { canonicalText } from '../hash.ts';
import type { JsonObject } from '../json.ts';
import { answerData } from './authorize.ts';
import type { RecordDraft } from './context.ts';
import type { Prediction } from './predict.ts';

/** Characters of steps that one record takes; below the bound of a record, observations included. */
const STEPS_CHARACTERS_MAX = 64 * 1024;

/** The `preflighted` records of a plan: as many steps in each as fit. */
export function preflightedRecords(predictions: readonly Prediction[]): readonly RecordDraft[] {
  const chunks: { steps: JsonObject[]; observations: Observation[] }[] = [];
  let room = 0;
  for (const [stepIndex, prediction] of predictions.entries()) {
    const step = stepData(stepIndex, prediction);
    const { observations } = prediction;
    const size = canonicalText(step).length + canonicalText(observations).length;
    if (size > room) {
      chunks.push({ steps: [], observations: [] });
      room = STEPS_CHARACTERS_MAX;
    }
    chunks.at(-1)?.steps.push(step);
    chunks.at(-1)?.observations.push(...observations);
    room -= size;
  }
  const policySetDigest = predictions[0]?.answer.policySetDigest ?? '';
  return chunks.map(({ steps, observations }) => ({
    kind: 'preflighted',
    data: { steps, policySetDigest },
    observations,
  }));
}

function stepData(stepIndex: number, { prepared, answer }: Prediction): JsonObject {
  const decision = answerData(answer);
  return { stepIndex, ...prepared, facts: { ...prepared.facts }, decision };
}
