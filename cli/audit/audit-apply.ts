import type { PlanResult } from '../../agents/iam-auditor/agent.ts';
import { AGENT } from '../../agents/iam-auditor/propose.ts';
import { HaltedError, InterlockError } from '../../core/errors.ts';
import { scopesOf } from '../../core/ports/kill-switch.ts';
import { confirm } from '../confirm.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flushLog } from '../flush-log.ts';
import { watchInterruption } from '../interruption.ts';
import type { Invocation } from '../invocation.ts';
import { type LocalControlPlane, openExisting, openLocal } from '../open.ts';
import type { Output } from '../output.ts';
import { reportError } from '../report-error.ts';
import { type AppliedAudit, auditAndApply, settleTransactions } from './apply.ts';
import { auditJson } from './audit-json.ts';
import { counted, layoutOf } from './layout.ts';
import { reportText } from './report-text.ts';
import { resultsText } from './results-text.ts';
import { failOnCode, readAccountFile, requireLoaded, type Wanted } from './wanted.ts';
import { requireWritable, writeAccount } from './write-account.ts';

/** `audit --apply`: runs every plan on the data folder's account, one transaction each. */
export async function auditApply(invocation: Invocation, wanted: Wanted): Promise<ExitCode> {
  const { data, output } = invocation;
  const gaad = wanted.accountFile === undefined ? undefined : readAccountFile(wanted.accountFile);
  if (wanted.writeTo !== undefined) requireWritable(wanted.writeTo);
  const first = wanted.accountFile === undefined ? '' : `, after loading ${wanted.accountFile}`;
  const question = `Apply all plans to the account in ${data}${first}?`;
  await confirm(output, question, wanted.isConfirmed);
  const controlPlane = gaad === undefined ? openExisting({ data }) : openLocal({ data });
  const interruption = watchInterruption();
  try {
    await settle(controlPlane, output, interruption.signal);
    if (interruption.signal.aborted) return EXIT.interrupted;
    await requireRunning(controlPlane);
    if (gaad !== undefined) controlPlane.account.load(gaad);
    await controlPlane.account.barrier.wait();
    requireLoaded(controlPlane.account.toGaad(), data);
    const applied = await auditAndApply(controlPlane, {
      signal: interruption.signal,
      onProgress: progressOn(output),
    });
    return end(applied, {
      controlPlane,
      output,
      wanted,
      isInterrupted: interruption.signal.aborted,
    });
  } catch (error) {
    if (!(error instanceof InterlockError) || !UNSETTLED.has(error.code)) throw error;
    reportError(output, error);
    return error.code === 'transaction-stuck' ? EXIT.stuck : EXIT.pending;
  } finally {
    interruption.release();
    if (controlPlane.barriers() > 0) await flushLog(controlPlane.log, output);
    controlPlane.close();
  }
}

const UNSETTLED: ReadonlySet<string> = new Set(['transactions-open', 'transaction-stuck']);

/** Throws `HaltedError` where the kill switch would refuse every plan: loading a file is a change too. */
async function requireRunning({ ports }: LocalControlPlane): Promise<void> {
  const mode = await ports.killSwitch.effective(scopesOf(AGENT));
  if (mode === 'running') return;
  throw new HaltedError(mode, `the kill switch is at \`${mode}\`: nothing was loaded or applied`, {
    hint: 'see `interlock kill status`',
  });
}

async function settle(
  controlPlane: LocalControlPlane,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const settled = await settleTransactions(controlPlane, signal);
  if (settled > 0)
    output.message(`brought ${counted(settled, 'lost transaction')} to an end first`);
}

interface Ended {
  readonly controlPlane: LocalControlPlane;
  readonly output: Output;
  readonly wanted: Wanted;
  readonly isInterrupted: boolean;
}

function end(
  applied: AppliedAudit,
  { controlPlane, output, wanted, isInterrupted }: Ended,
): ExitCode {
  const { before, results, after } = applied;
  if (wanted.writeTo !== undefined) writeAccount(wanted.writeTo, controlPlane.account.toGaad());
  if (output.isInteractive) process.stderr.write(CLEAR_LINE);
  const layout = layoutOf(output.colors, process.stdout.columns);
  output.print(auditJson(before, { results, after }), () =>
    [
      reportText(before, layout, { principals: 5, findingsEach: 1 }),
      resultsText(applied, layout),
      layout.colors.dim(nextSteps(controlPlane, wanted)),
    ].join('\n\n'),
  );
  if (isInterrupted) {
    output.message('interrupted: what was begun goes on with `interlock resume`');
    return EXIT.interrupted;
  }
  return exitCodeOf(results) || failOnCode(after, wanted);
}

function nextSteps({ folder }: LocalControlPlane, { writeTo }: Wanted): string {
  const option = ` --data ${folder.path}`;
  return [
    ...(writeTo === undefined ? [] : [`  account written to ${writeTo}`]),
    `  interlock tx list${option}`,
    `  interlock evidence verify --all${option}`,
  ].join('\n');
}

/** Stuck is worse than pending; what ended by itself is in order. */
function exitCodeOf(results: readonly PlanResult[]): ExitCode {
  const statuses = results.map((each) => each.status);
  if (statuses.includes('stuck')) return EXIT.stuck;
  return statuses.every((each) => ENDED.has(each)) ? EXIT.ok : EXIT.pending;
}

const ENDED: ReadonlySet<PlanResult['status']> = new Set([
  'committed',
  'rejected',
  'compensated',
  'refused',
]);

/** Says on stderr how far the plans are, where a person watches. */
function progressOn(output: Output): (result: PlanResult) => void {
  let done = 0;
  return (result) => {
    done += 1;
    const text = `  ${counted(done, 'plan')} ended, the last ${result.status}`;
    if (output.isInteractive) process.stderr.write(`${CLEAR_LINE}${text}`);
  };
}

const CLEAR_LINE = '\r\u001b[K';
