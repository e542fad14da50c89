import { Option } from '@commander-js/extra-typings';
import { InvalidInputError } from '../../core/errors.ts';
import { invoke } from '../invocation.ts';
import type { AddCommand } from '../program.ts';

/** `interlock audit`: finds excess permissions in an AWS account, proposes plans, applies them. */
export const addAudit: AddCommand = (program) => {
  program
    .command('audit')
    .description('Find excess permissions in an AWS account; propose or apply plans against them.')
    .option(
      '--account <file>',
      'an account as `aws iam get-account-authorization-details` prints it; without it the data folder holds the account',
    )
    .addOption(
      new Option('--report', 'only say what was found (the default)').conflicts([
        'propose',
        'apply',
      ]),
    )
    .addOption(
      new Option('--propose', 'also show each plan and what policy says to it').conflicts('apply'),
    )
    .addOption(
      new Option('--apply', 'run every plan as a transaction on the account of the data folder'),
    )
    .option(
      '--write-account <file>',
      'write the account of the data folder, as it is then, to a file',
    )
    .addOption(
      new Option(
        '--fail-on <severity>',
        'exit 4 where such a finding, or a worse one, is left',
      ).choices(SEVERITIES_TO_FAIL_ON),
    )
    .option('--yes', 'apply without asking')
    .addHelpText('after', EXAMPLES)
    .action((options, command) =>
      invoke(command, async (invocation) => {
        const { account, writeAccount, failOn, yes = false } = options;
        const wanted = {
          ...(account === undefined ? {} : { accountFile: account }),
          ...(writeAccount === undefined ? {} : { writeTo: writeAccount }),
          ...(failOn === undefined ? {} : { failOn }),
          isConfirmed: yes,
        };
        // Loaded where they are used: `--help` needs none of it.
        if (options.apply === true) {
          const { auditApply } = await import('../audit/audit-apply.ts');
          return auditApply(invocation, wanted);
        }
        if (writeAccount !== undefined && (options.propose === true || account !== undefined))
          throw new InvalidInputError(
            'usage',
            'only --apply, or an audit of what the data folder holds, has an account to write',
          );
        const { auditPropose, auditReport } = await import('../audit/audit-report.ts');
        return options.propose === true
          ? auditPropose(invocation, wanted)
          : auditReport(invocation, wanted);
      }),
    );
};

// No rule finds less than `low`.
const SEVERITIES_TO_FAIL_ON = ['low', 'medium', 'high', 'critical'] as const;

const EXAMPLES = `
Examples:
  interlock audit --account examples/acme-account.json
  interlock audit --account examples/acme-account.json --propose
  interlock audit --account examples/acme-account.json --apply --write-account after.json`;
