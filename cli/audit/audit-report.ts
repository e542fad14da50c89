import { auditAccount } from '../../agents/iam-auditor/report.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import { auditJson } from './audit-json.ts';
import { type Layout, layoutOf } from './layout.ts';
import { planList } from './plan-list.ts';
import { rehearsalText } from './rehearsal-text.ts';
import { rehearse } from './rehearse.ts';
import { reportText } from './report-text.ts';
import { failOnCode, type Wanted, wantedAccount } from './wanted.ts';
import { writeAccount } from './write-account.ts';

/** `audit --report`: says what was found; writes nothing but the file that was asked for. */
export async function auditReport({ data, output }: Invocation, wanted: Wanted): Promise<ExitCode> {
  const gaad = wantedAccount(wanted, data);
  const report = auditAccount(gaad);
  // A data folder's account is an object: it came from `toGaad`.
  if (wanted.writeTo !== undefined) writeAccount(wanted.writeTo, gaad as JsonObject);
  const layout = layoutOf(output.colors, process.stdout.columns);
  output.print(auditJson(report), () =>
    [
      reportText(report, layout),
      ...(report.plans.length === 0
        ? []
        : [planList(report.plans, layout, DIFF_LINES_MAX), hintOf(wanted, layout)]),
    ].join('\n\n'),
  );
  return failOnCode(report, wanted);
}

/** `audit --propose`: each plan with its proof and what policy says; nothing is changed. */
export async function auditPropose(
  { data, output }: Invocation,
  wanted: Wanted,
): Promise<ExitCode> {
  const gaad = wantedAccount(wanted, data);
  const report = auditAccount(gaad);
  if (output.isInteractive) output.message(`deciding ${report.plans.length} plans ...`);
  const rehearsals = await rehearse(gaad, report.plans);
  const layout = layoutOf(output.colors, process.stdout.columns);
  output.print(auditJson(report, { rehearsals }), () =>
    [
      reportText(report, layout, { principals: 5, findingsEach: 1 }),
      rehearsalText(report.plans, rehearsals, layout),
    ].join('\n\n'),
  );
  return failOnCode(report, wanted);
}

/** Lines of one plan's diff that a report shows. */
const DIFF_LINES_MAX = 6;

function hintOf({ accountFile }: Wanted, { colors }: Layout): string {
  const account = accountFile === undefined ? '' : ` --account ${accountFile}`;
  return colors.dim(
    `  next: interlock audit${account} --propose  (what policy says)\n        interlock audit${account} --apply    (run the plans)`,
  );
}
