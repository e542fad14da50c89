import type { PlanResult } from '../../agents/iam-auditor/agent.ts';
import type { JsonObject } from '../../core/json.ts';
import { auditAndApply } from '../audit/apply.ts';
import { counted, cut } from '../audit/layout.ts';
import type { Demo } from './demo.ts';

/** Transactions that are shown. */
const SHOWN = 5;

/** Loads the sample account and runs every plan of the auditor as a transaction. */
export async function applyStage(demo: Demo, sample: JsonObject): Promise<void> {
  const { controlPlane, stages } = demo;
  const { account } = controlPlane;
  stages.heading('Apply', 'the account is loaded afresh; every plan is a transaction');
  account.load(sample);
  const startedAt = performance.now();
  const { before, results, after } = await auditAndApply(controlPlane);
  const elapsedMs = performance.now() - startedAt;
  const rows = results.map((each) => resultLine(each, demo));
  stages.line(rows.slice(0, SHOWN).join('\n'));
  stages.line(stages.layout.colors.dim(`  … ${rows.length - SHOWN} more`));
  stages.line();
  const committed = results.filter((each) => each.status === 'committed').length;
  stages.claim(
    `${counted(committed, 'transaction')} committed in ${(elapsedMs / 1000).toFixed(1)} s, none is stuck`,
    committed === results.length && committed === before.plans.length && committed > 0,
  );
  const left = new Set(after.findings.map((each) => each.id));
  const closed = before.plans.flatMap((each) => each.findingIds);
  stages.claim(
    `audited again: ${closed.length} findings are gone, ${after.findings.length} are left for people`,
    closed.every((id) => !left.has(id)) && left.size === before.findings.length - closed.length,
  );
  stages.claim(
    'no step gave anybody a permission, as decided from the account itself',
    results.every(
      (each) =>
        'transaction' in each && each.transaction.prepared?.every((one) => !one.facts.widens),
    ),
  );
}

function resultLine(result: PlanResult, { stages: { layout } }: Demo): string {
  const { colors, columns } = layout;
  if (!('transaction' in result)) return `  ${result.status}`;
  const { id, plan, status } = result.transaction;
  const text = status === 'committed' ? colors.green(status) : colors.red(status);
  return `  ${text}  ${colors.dim(id)}  ${cut(plan.purpose, columns - id.length - 15)}`;
}
