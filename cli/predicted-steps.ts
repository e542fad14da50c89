import type { DryRun } from './json-shapes.ts';

/** What preflight recorded of each step; the record is what evidence holds. */
export function predictedSteps(
  records: readonly { readonly kind: string; readonly data: Readonly<Record<string, unknown>> }[],
  planned: readonly { readonly id: string; readonly action: string }[],
): DryRun['steps'] {
  const predicted = records
    .filter(({ kind }) => kind === 'preflighted')
    .flatMap(({ data }) => data['steps'] as unknown as readonly PreflightedStep[]);
  return predicted.map((one) => {
    const step = planned[one.stepIndex];
    const { answer, code, reasons } = one.decision;
    return {
      index: one.stepIndex,
      id: step?.id ?? '',
      action: step?.action ?? '',
      resource: one.resources[0] ?? '',
      before: one.before,
      after: one.predicted,
      facts: one.facts,
      decision: { answer, ...(code === undefined ? {} : { code }), reasons },
    };
  });
}

interface PreflightedStep {
  readonly stepIndex: number;
  readonly resources: readonly string[];
  readonly before: DryRun['steps'][number]['before'];
  readonly predicted: DryRun['steps'][number]['after'];
  readonly facts: DryRun['steps'][number]['facts'];
  readonly decision: DryRun['steps'][number]['decision'];
}
