import { InvalidInputError } from '../../core/errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Invocation, invoke } from '../invocation.ts';
import type { AddCommand } from '../program.ts';
import type { Replaying } from '../replaying.ts';
import { parseSince } from '../since-option.ts';

/** `interlock replay`: runs what was recorded again, as it was or under other policies. */
export const addReplay: AddCommand = (program) => {
  program
    .command('replay')
    .description('run recorded transactions again; nothing is called, nothing is changed')
    .argument('[transaction]', 'a transaction id, or a file that `tx export` wrote')
    .option('--since <time>', 'all that were proposed since: 30d, 12h, or a date', parseSince)
    .option('--policies <dir>', 'tell what would have happened under the policies of this folder')
    .addHelpText(
      'after',
      `
Examples:
  $ interlock replay tx-0199...
  $ interlock replay evidence.json
  $ interlock replay --since 30d --policies new-policies

Without --policies: exit code 6 when a record does not come out the same, byte for byte.
With --policies: exit code 4 when any transaction would differ, or that cannot be determined.`,
    )
    .action((name, { since, policies }, command) =>
      invoke(command, async (invocation) => {
        if ((name === undefined) === (since === undefined))
          throw new InvalidInputError('usage', 'name one transaction, or pass --since', {
            hint: 'see `interlock replay --help`',
          });
        const { openNamed, openSince } = await import('../replaying.ts');
        const replaying =
          name === undefined
            ? openSince(invocation.data, since as number)
            : openNamed(invocation.data, name);
        try {
          const code =
            policies === undefined
              ? await asItWas(invocation, replaying)
              : await underOther(invocation, replaying, policies);
          const pruned = replaying.pruned();
          if (pruned > 0)
            invocation.output.message(
              `${pruned} transaction(s) were pruned: replay their bundles from the archive`,
            );
          return code;
        } finally {
          replaying.close();
        }
      }),
    );
};

/** How many replays a line of progress is said after. */
const PROGRESS_EVERY = 500;

async function asItWas({ output }: Invocation, replaying: Replaying): Promise<ExitCode> {
  const { replaysText } = await import('../view/replay.ts');
  const transactions = [];
  for await (const recorded of replaying.recorded()) {
    const replay = await replaying.replayer.replay(recorded);
    transactions.push({ streamId: recorded.streamId, ...replay });
    if (transactions.length % PROGRESS_EVERY === 0)
      output.message(`${transactions.length} replayed ...`);
  }
  const report = { ok: transactions.every(({ ok }) => ok), transactions };
  output.print(report, () => replaysText(report, output.colors));
  return report.ok ? EXIT.ok : EXIT.evidenceInvalid;
}

async function underOther(
  { output }: Invocation,
  replaying: Replaying,
  folder: string,
): Promise<ExitCode> {
  const { cedarDecisionPoint } = await import('../../adapters/cedar/decision-point.ts');
  const { loadPolicies } = await import('../../adapters/cedar/load.ts');
  const { counterfactualOf, counterfactualsText } = await import('../view/counterfactual.ts');
  const policies = cedarDecisionPoint(loadPolicies(folder));
  const transactions: ReturnType<typeof counterfactualOf>[] = [];
  for await (const recorded of replaying.recorded()) {
    const found = await replaying.replayer.under(policies, recorded);
    transactions.push(counterfactualOf(recorded.streamId, found));
    if (transactions.length % PROGRESS_EVERY === 0)
      output.message(`${transactions.length} replayed ...`);
  }
  const count = (verdict: string) => transactions.filter((one) => one.verdict === verdict).length;
  const counts = {
    same: count('same'),
    differs: count('differs'),
    undetermined: count('undetermined'),
  };
  const report = { policySetDigest: policies.policySetDigest, ...counts, transactions };
  output.print(report, () => counterfactualsText(report, output.colors));
  return counts.same === transactions.length ? EXIT.ok : EXIT.failOnMet;
}
