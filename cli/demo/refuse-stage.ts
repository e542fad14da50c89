import { parseRecord } from '../../core/evidence/index.ts';
import type { Reason } from '../../core/ports/decision-point.ts';
import { streamOf, type Transaction } from '../../core/transaction.ts';
import { type Demo, proposeSample, runSample, samplePlan } from './demo.ts';

const REFUSED = ['refused-by-policy', 'refused-protected'];

/** Two plans that policy refuses before anything happens, and the policies in words. */
export async function refuseStage(demo: Demo): Promise<void> {
  const { controlPlane, stages } = demo;
  const { colors } = stages.layout;
  const { account } = controlPlane;
  stages.heading('Policy says no', 'what an agent may not do, it cannot do');
  const calls = account.mutations().length;
  for (const name of REFUSED) {
    const proposed = await proposeSample(demo, samplePlan(name));
    const ended = await runSample(demo, proposed);
    const policies = await denyingPolicies(demo, ended);
    stages.line(`  ${colors.bold(ended.plan.purpose)}`);
    for (const step of ended.plan.steps)
      stages.line(colors.dim(`    ${step.action} ${Object.values(step.input).join(' ')}`));
    for (const { id, advice = '' } of policies)
      stages.line(`    ${colors.red('deny')}  policy ${colors.bold(id)}: ${advice}`);
    stages.line();
    stages.claim(
      `rejected by ${policies.map((each) => each.id).join(' and ')}`,
      ended.status === 'rejected' && ended.reason?.code === 'denied' && policies.length > 0,
    );
    stages.line();
  }
  stages.claim('the account was not called once', account.mutations().length === calls);
}

/** The policies behind a denial, from the evidence. */
async function denyingPolicies(
  { controlPlane }: Demo,
  { id }: Transaction,
): Promise<readonly Reason[]> {
  const records = (await controlPlane.ports.store.records(streamOf(id))).map(parseRecord);
  const steps = records
    .filter((each) => each.kind === 'preflighted')
    .flatMap((each) => each.data['steps'] as unknown as readonly DecidedStep[]);
  return steps
    .filter((each) => each.decision.answer === 'deny')
    .flatMap((each) => each.decision.reasons);
}

interface DecidedStep {
  readonly decision: { readonly answer: string; readonly reasons: readonly Reason[] };
}
