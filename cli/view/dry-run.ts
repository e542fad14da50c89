import type { DecisionShape, DryRun } from '../json-shapes.ts';
import type { Colors } from '../output.ts';
import { diffLines } from './diff.ts';
import { oneLine } from './summary.ts';

/** A dry run for a person: each step with its diff, its facts and who decided. */
export function dryRunText(report: DryRun, colors: Colors): string {
  const steps = report.steps.length === 0 ? [] : [dryRunStepsText(report.steps, colors)];
  return [...steps, verdictLine(report, colors)].join('\n\n');
}

/** The steps of a dry run alone. */
export function dryRunStepsText(steps: DryRun['steps'], colors: Colors): string {
  return steps.map((step) => stepText(step, colors)).join('\n\n');
}

function stepText(step: DryRun['steps'][number], colors: Colors): string {
  const { index, action, resource, before, after, facts, decision } = step;
  const { affectedPrincipals, removedCount, widens } = facts;
  return [
    colors.bold(`step ${index + 1} (${step.id})  ${action}  ${resource}`),
    ...diffLines(before, after, colors).map((line) => `    ${line}`),
    `  facts: ${affectedPrincipals} principal(s) affected, ${removedCount} grant(s) removed, ` +
      `${widens ? 'widens' : 'does not widen'}`,
    `  decision: ${decisionText(decision, colors)}`,
  ].join('\n');
}

/** An answer with the policies that made it and their advice. */
export function decisionText(decision: DecisionShape, colors: Colors): string {
  const { answer, code, reasons } = decision;
  const word = answer === 'allow' ? colors.green(answer) : colors.red(answer);
  const by = reasons.map(
    ({ id, advice }) => `\`${id}\`${advice === undefined ? '' : `: ${advice}`}`,
  );
  if (by.length > 0) return `${word} by ${by.join('; ')}`;
  return code === undefined ? word : `${word} (${code})`;
}

/** What would become of the plan. */
export function verdictLine({ answer, reason }: DryRun, colors: Colors): string {
  switch (answer) {
    case 'allow':
      return colors.green('the plan would run; nothing was done');
    case 'awaiting-approval':
      return colors.yellow('the plan would wait for an approval; nothing was done');
    case 'deny':
    case 'refused': {
      const step = reason?.stepIndex === undefined ? '' : ` at step ${reason.stepIndex + 1}`;
      const why = oneLine(reason?.message ?? reason?.code ?? 'unknown');
      return colors.red(`the plan would be rejected${step}: ${why}; nothing was done`);
    }
  }
}
