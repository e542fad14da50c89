import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { InvalidInputError } from '../core/errors.ts';
import { layoutOf } from './audit/layout.ts';
import { applyStage } from './demo/apply-stage.ts';
import { auditStage, plansStage } from './demo/audit-stage.ts';
import { compensateStage } from './demo/compensate-stage.ts';
import { sampleAccount } from './demo/demo.ts';
import { evidenceStage } from './demo/evidence-stage.ts';
import { openDemoFolder } from './demo/folder.ts';
import { killSwitchStage } from './demo/kill-switch-stage.ts';
import { watchMoments } from './demo/moments.ts';
import { refuseStage } from './demo/refuse-stage.ts';
import { ClaimFailedError, openStages, type Stages } from './demo/stage.ts';
import { whereStage } from './demo/where-stage.ts';
import { EXIT, exitCodeOfError } from './exit-codes.ts';
import { DATA_FOLDER_DEFAULT, outputOfProcess } from './invocation.ts';
import { reportError } from './report-error.ts';

// What `npm start` shows: the whole of Interlock on the sample account, every claim checked.

// A reader that closes the pipe early (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

const output = outputOfProcess(false);
try {
  const { data, isBrief } = readArguments();
  await demonstrate(data);
  if (!isBrief && process.stdin.isTTY && process.stdout.isTTY) await waitForPerson();
} catch (error) {
  if (error instanceof ClaimFailedError) process.exitCode = EXIT.error;
  else {
    reportError(output, error);
    process.exitCode = exitCodeOfError(error);
  }
}

function readArguments(): { readonly data: string; readonly isBrief: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        exit: { type: 'boolean', default: false },
        data: { type: 'string', default: DATA_FOLDER_DEFAULT },
      },
    });
    return { data: values.data, isBrief: values.exit };
  } catch (cause) {
    throw new InvalidInputError('usage', (cause as Error).message, {
      hint: 'npm start -- [--exit] [--data DIR]',
      cause,
    });
  }
}

async function demonstrate(data: string): Promise<void> {
  const startedAt = performance.now();
  const layout = layoutOf(output.colors, process.stdout.columns);
  const print = (text: string): void => output.print(text, () => text);
  const stages = openStages(output, layout, print);
  const sample = sampleAccount();
  const moments = watchMoments();
  const { controlPlane, detour } = await openDemoFolder({ data, wrap: moments.wrap }, sample);
  try {
    welcome(stages, controlPlane.folder.path, detour);
    const report = auditStage(stages, sample);
    plansStage(stages, report);
    const demo = { controlPlane, moments, stages };
    await applyStage(demo, sample);
    await refuseStage(demo);
    const compensated = await compensateStage(demo);
    await killSwitchStage(demo);
    await evidenceStage(demo);
    whereStage(stages, controlPlane, compensated.id);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    stages.line();
    stages.line(layout.colors.dim(`  done in ${seconds} s`));
  } finally {
    controlPlane.close();
  }
}

function welcome({ layout: { colors }, line }: Stages, path: string, detour?: string): void {
  line();
  line(
    `  ${colors.bold('Interlock')}  transactions for AI agents: decided, all or nothing, proven`,
  );
  line(
    colors.dim(
      `  an IAM auditor at work on a simulated AWS account; everything is kept in ${path}`,
    ),
  );
  if (detour !== undefined) line(colors.yellow(`  ${detour}: it is left alone`));
}

async function waitForPerson(): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.on('SIGINT', () => lines.close());
  await Promise.race([
    lines.question('\n  Enter to quit '),
    new Promise((resolve) => lines.once('close', resolve)),
  ]);
  lines.close();
}
