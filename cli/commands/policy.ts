import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { EXIT, exitCodeOfDryRun } from '../exit-codes.ts';
import { invoke } from '../invocation.ts';
import type { AddCommand } from '../program.ts';

/** `interlock policy ...`: what policies say. */
export const addPolicy: AddCommand = (program) => {
  const policy = program.command('policy').description('test and explain policies');
  addTest(policy);
  addExplain(policy);
};

function addTest(policy: CommandUnknownOpts): void {
  policy
    .command('test')
    .description('ask the policies every case of their folder')
    .option('--policies <dir>', 'another policies folder than the one in use')
    .addHelpText('after', '\nExample:\n  $ interlock policy test')
    .action(({ policies }, command) =>
      invoke(command, async ({ output }) => {
        const { POLICIES_FOLDER } = await import('../open.ts');
        const { loadPolicies } = await import('../../adapters/cedar/load.ts');
        const { cedarDecisionPoint } = await import('../../adapters/cedar/decision-point.ts');
        const { loadCases, runCases } = await import('../../adapters/cedar/cases.ts');
        const { policyTestText } = await import('../view/policy-test.ts');
        const folder = policies ?? POLICIES_FOLDER;
        const decisionPoint = cedarDecisionPoint(loadPolicies(folder));
        const results = await runCases(loadCases(folder), decisionPoint);
        const cases = results.map(({ file, name, isPassed, expected, actual }) => {
          return { file, name, passed: isPassed, expected, actual };
        });
        const passed = cases.filter((one) => one.passed).length;
        const report = { passed, failed: cases.length - passed, cases };
        output.print(report, () => policyTestText(report, output.colors));
        return report.failed === 0 && passed > 0 ? EXIT.ok : EXIT.error;
      }),
    );
}

function addExplain(policy: CommandUnknownOpts): void {
  policy
    .command('explain')
    .description('say which policies permit or forbid each step of a plan, and why')
    .argument('<plan>', 'a plan file (JSON)')
    .addHelpText(
      'after',
      '\nExample:\n  $ interlock policy explain examples/plans/refused-by-policy.json',
    )
    .action((file, _, command) =>
      invoke(command, async ({ data, output }) => {
        const { readPlan } = await import('../read-plan.ts');
        const { dryRunOnFolder } = await import('../dry-run.ts');
        const { POLICIES_FOLDER } = await import('../open.ts');
        const { policySentences } = await import('../policy-sentences.ts');
        const { explanationText } = await import('../view/explanation.ts');
        const report = await dryRunOnFolder(data, readPlan(file));
        output.print(report, () =>
          explanationText(report, policySentences(POLICIES_FOLDER), output.colors),
        );
        return exitCodeOfDryRun(report);
      }),
    );
}
