import type { Transaction } from '../../core/transaction.ts';
import { accountLog } from './account-log.ts';
import { type Demo, proposeSample, runSample, samplePlan } from './demo.ts';

/** A plan that policy permits and the account refuses half-way: what was done is undone. */
export async function compensateStage(demo: Demo): Promise<Transaction> {
  const { controlPlane, stages } = demo;
  const { account } = controlPlane;
  const { colors } = stages.layout;
  stages.heading('Fails half-way', 'all or nothing: what was done is undone');
  const plan = samplePlan('consolidate-portal');
  stages.line(`  ${colors.bold(plan.purpose)} ${colors.dim(`(${plan.steps.length} steps)`)}`);
  stages.line(
    colors.dim('  policy permits all of it; but the role is at its limit of managed policies'),
  );
  stages.line();
  const digest = account.digest();
  const calls = account.mutations().length;
  const ended = await runSample(demo, await proposeSample(demo, plan));
  const made = account.mutations().slice(calls);
  stages.line(accountLog(made.slice(0, 3), stages.layout));
  stages.line(colors.yellow('    undone, the last first:'));
  stages.line(accountLog(made.slice(3), stages.layout));
  stages.line();
  const refusals = made.filter((each) => JSON.stringify(each.answer).includes('LimitExceeded'));
  stages.claim(
    `step ${(ended.reason?.stepIndex ?? -1) + 1} failed for real: the account answered ${ended.reason?.detail}`,
    refusals.length > 0 && ended.reason?.detail === 'LimitExceeded' && ended.reason.stepIndex === 2,
  );
  stages.claim(
    'the transaction is compensated',
    ended.status === 'compensated' && made.length === 5,
  );
  stages.claim(
    `the account is what it was: ${digest.slice(0, 16)} before and after`,
    account.digest() === digest,
  );
  return ended;
}
