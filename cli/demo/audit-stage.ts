import type { Proposal } from '../../agents/iam-auditor/propose.ts';
import { type AuditReport, auditAccount } from '../../agents/iam-auditor/report.ts';
import type { JsonObject } from '../../core/json.ts';
import { counted } from '../audit/layout.ts';
import { planList } from '../audit/plan-list.ts';
import { reportText } from '../audit/report-text.ts';
import { SAMPLE_ACCOUNT } from './demo.ts';
import type { Stages } from './stage.ts';

/** Audits the sample account and shows the worst of it. */
export function auditStage(stages: Stages, sample: JsonObject): AuditReport {
  stages.heading('Audit', `what is wrong in ${SAMPLE_ACCOUNT}`);
  const startedAt = performance.now();
  const report = auditAccount(sample);
  const elapsedMs = performance.now() - startedAt;
  stages.line(reportText(report, stages.layout, { principals: 6, findingsEach: 1 }));
  stages.line();
  const { principals, excluded, foreign } = report.account;
  const people = [sample['UserDetailList'], sample['RoleDetailList']].flat().length;
  stages.claim(
    `every user and role was looked at, ${people} in all (${Math.round(elapsedMs)} ms)`,
    principals + excluded.length + foreign.length === people && principals >= 25,
  );
  return report;
}

/** Lines of one plan's diff that are shown. */
const DIFF_LINES_MAX = 4;

/** Shows one plan of each kind. */
export function plansStage(stages: Stages, { plans }: AuditReport): void {
  stages.heading('Plans', 'one of each kind: what goes (-), what comes (+)');
  const kinds = [...Map.groupBy(plans, kindOf).values()].flatMap((of) => plainestOf(of));
  const shown = kinds.map((each) => planList([each], stages.layout, DIFF_LINES_MAX));
  stages.line(shown.join('\n'));
  stages.line();
  stages.claim(
    `each step of all ${counted(plans.length, 'plan')} is proved to give nobody anything new:`,
    plans.every((each) => each.proof.length === each.plan.steps.length),
  );
  for (const proof of new Set(plans.flatMap((each) => each.proof)))
    stages.line(stages.layout.colors.dim(`    ${proof}`));
}

const kindOf = ({ plan }: Proposal): string =>
  plan.steps.map((each) => each.action.replace('User', 'Role')).join();

/** The plan whose diff is read fastest. */
const plainestOf = (plans: readonly Proposal[]): readonly Proposal[] =>
  plans.toSorted((left, right) => lengthOf(left) - lengthOf(right)).slice(0, 1);

const lengthOf = ({ diff }: Proposal): number => diff.join().length;
