import type { z } from 'zod';
import type { PolicyTest } from '../json-shapes.ts';
import type { Colors } from '../output.ts';

/** The cases that failed, and how many passed. */
export function policyTestText(report: z.infer<typeof PolicyTest>, colors: Colors): string {
  const { passed, failed, cases } = report;
  const bad = cases
    .filter((one) => !one.passed)
    .map(({ file, name, expected, actual }) =>
      [
        `${colors.red('failed')}  ${file}: ${name}`,
        `  expected ${expected}`,
        `  got      ${actual}`,
      ].join('\n'),
    );
  const total = `${passed} passed, ${failed} failed`;
  return [...bad, failed === 0 ? colors.green(total) : colors.red(total)].join('\n');
}
