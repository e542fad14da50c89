import type { DryRun } from '../json-shapes.ts';
import type { Colors } from '../output.ts';
import { verdictLine } from './dry-run.ts';

/** Which policies permit or forbid each step, in the words of their authors. */
export function explanationText(
  report: DryRun,
  sentences: ReadonlyMap<string, string>,
  colors: Colors,
): string {
  const steps = report.steps.map((step) => stepText(step, sentences, colors));
  return [...steps, verdictLine(report, colors)].join('\n\n');
}

function stepText(
  step: DryRun['steps'][number],
  sentences: ReadonlyMap<string, string>,
  colors: Colors,
): string {
  const { index, id, action, resource, decision } = step;
  const { answer, code, reasons } = decision;
  const verb = answer === 'allow' ? colors.green('permitted') : colors.red('forbidden');
  const head = `step ${index + 1} (${id})  ${action} on ${resource}`;
  if (reasons.length === 0) {
    const why =
      code === 'no-permit' ? 'no policy permits it' : `there is no sure answer (${code ?? answer})`;
    return `${colors.bold(head)}\n  ${colors.red('forbidden')}: ${why}`;
  }
  const lines = reasons.flatMap(({ id: policy, advice }) => [
    `  ${verb} by \`${policy}\``,
    ...(sentences.has(policy) ? [`    policy: ${sentences.get(policy)}`] : []),
    ...(advice === undefined ? [] : [`    advice: ${advice}`]),
  ]);
  return [colors.bold(head), ...lines].join('\n');
}
