import type { DryRun, DryRunStep } from '../../core/tasks/dry-run.ts';
import type * as shapes from '../shapes.ts';

type StepView = shapes.DryRun['steps'][number];

/** A dry run as the API answers it. */
export function dryRunView({ answer, reason, policySetDigest, steps }: DryRun): shapes.DryRun {
  return {
    answer,
    ...(reason === undefined ? {} : { reason }),
    policySetDigest,
    steps: steps.map(stepView),
  };
}

function stepView({ index, id, action, prepared, answer }: DryRunStep): StepView {
  const { resources, before, predicted, facts } = prepared;
  const { code } = answer;
  return {
    index,
    id,
    action,
    resource: resources[0] ?? '',
    before: before as StepView['before'],
    after: predicted as StepView['after'],
    facts,
    decision: {
      answer: answer.answer,
      ...(code === undefined ? {} : { code }),
      reasons: answer.reasons.map((one) => ({ ...one })),
    },
  };
}
