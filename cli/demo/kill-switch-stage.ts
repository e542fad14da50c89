import { halt } from '../../core/tasks/halt.ts';
import { streamOf } from '../../core/transaction.ts';
import { accountLog } from './account-log.ts';
import { type Demo, proposeSample, runSample, samplePlan } from './demo.ts';

/** Stops a transaction between two of its steps, and lets it go on. */
export async function killSwitchStage(demo: Demo): Promise<void> {
  const { controlPlane, moments, stages } = demo;
  const { account, operator, ports } = controlPlane;
  const { colors } = stages.layout;
  stages.heading('Kill switch', 'stop everything now, go on later');
  const plan = samplePlan('trim-portal');
  const transaction = await proposeSample(demo, plan);
  const stream = streamOf(transaction.id);
  const calls = account.mutations().length;
  stages.line(`  ${colors.bold(plan.purpose)} ${colors.dim(`(${plan.steps.length} steps)`)}`);
  stages.line();
  const engage = { operator, scope: 'all', mode: 'freeze', reason: 'demonstration' } as const;
  moments.after(
    (record) => record.streamId === stream && record.kind === 'verified' && record.stepIndex === 1,
    async () => void (await halt(ports, engage)),
  );
  const parked = await runSample(demo, transaction);
  stages.line(accountLog(account.mutations().slice(calls), stages.layout));
  stages.line(`    ${colors.bold(colors.yellow('FREEZE'))} by ${operator}, after step 2`);
  stages.line();
  stages.claim(
    'the transaction is parked; nothing happened after the switch',
    parked.status === 'parked' && account.mutations().length === calls + 2,
  );
  const again = await runSample(demo, parked);
  stages.claim(
    'while the switch is on, resuming does nothing',
    again.status === 'parked' && account.mutations().length === calls + 2,
  );
  stages.line();
  await halt(ports, { ...engage, mode: 'running', reason: 'demonstration goes on' });
  stages.line(`    ${colors.bold(colors.green('RELEASE'))} by ${operator}`);
  const ended = await runSample(demo, again);
  stages.line(accountLog(account.mutations().slice(calls + 2), stages.layout));
  stages.line();
  stages.claim(
    'resumed where it stood, and committed: each step once',
    ended.status === 'committed' && account.mutations().length === calls + plan.steps.length,
  );
}
