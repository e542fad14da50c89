import pc from 'picocolors';
import type { Drift } from '../../core/drift/drift.ts';
import type { Left } from '../../core/drift/look.ts';
import type { DriftReport } from '../json-shapes.ts';
import type { Colors } from '../output.ts';
import { diffLines } from './diff.ts';
import { stateChange } from './state-change.ts';

type Drifted = DriftReport['drifted'][number];
type Other = Drift['others'][number];

/** What was found, as `--json` prints it; sorted by footprint. */
export function driftReport({ footprints, others }: Drift): DriftReport {
  const drifted = others.flatMap(driftedOf);
  const held = others.flatMap((one) =>
    one.found === 'held' ? [{ ...placeOf(one.left), holder: one.holder }] : [],
  );
  const unreadable = others.flatMap((one) =>
    one.found === 'unreadable'
      ? [{ ...one.touch, code: one.error.code, message: one.error.message }]
      : [],
  );
  return {
    ok: others.length === 0,
    footprints,
    drifted: sorted(drifted),
    held: sorted(held),
    unreadable: sorted(unreadable),
  };
}

/** The same for a person. */
export function driftText(report: DriftReport, colors: Colors): string {
  const { footprints, drifted, held, unreadable } = report;
  const blocks = [
    ...drifted.map((one) => driftedLines(one, colors)),
    ...held.map(({ footprint, left, holder }) => [
      `${colors.yellow('held')}  ${footprint}`,
      `  ${holder} has it now; left by ${leftText(left)}`,
    ]),
    ...unreadable.map(({ footprint, transactionId, code, message }) => [
      `${colors.red('not read')}  ${footprint}`,
      `  left by ${transactionId}: ${message} [${code}]`,
      ...(code === DENIED ? [`  ${colors.dim(DENIED_HINT)}`] : []),
    ]),
  ];
  const told = [
    `${drifted.length} drifted`,
    `${held.length} held`,
    `${unreadable.length} not read`,
  ];
  const summary = report.ok
    ? `no drift: ${footprints} footprints are as they were left`
    : `${told.join(', ')}, of ${footprints} footprints`;
  return [...blocks.flatMap((lines) => [...lines, '']), summary].join('\n');
}

/** The API says the same of what is gone from below a path and of what may not be read. */
const DENIED = 'AccessDenied';
const DENIED_HINT = 'it was deleted, moved to another path, or may not be read any more';

function driftedOf(one: Other): readonly Drifted[] {
  switch (one.found) {
    case 'changed': {
      const { left, now } = one;
      const lines = [...diffLines(left.state, now.state, pc.createColors(false))];
      const shown = { digest: now.digest, state: now.state as Drifted['left']['state'] };
      return [{ ...placeOf(left), found: one.found, now: shown, lines }];
    }
    case 'deleted':
    case 'recreated':
      return [{ ...placeOf(one.left), found: one.found }];
    case 'held':
    case 'unreadable':
      return [];
  }
}

function placeOf(one: Left): Pick<Drifted, 'footprint' | 'resource' | 'left'> {
  const { footprint, resource, transactionId, stepIndex, seq, at, by, digest } = one;
  const state = one.state as Drifted['left']['state'];
  const when = new Date(at).toISOString();
  return {
    footprint,
    resource,
    left: { transactionId, stepIndex, seq, at: when, by, digest, state },
  };
}

function driftedLines(one: Drifted, colors: Colors): readonly string[] {
  const { found, footprint, left, now } = one;
  const changes = now === undefined ? [] : stateChange([left.state, now.state], colors);
  return [
    `${colors.red(found)}  ${footprint}`,
    `  since ${leftText(left)}`,
    ...changes.map((line) => `  ${line}`),
  ];
}

function leftText({ transactionId, stepIndex, seq, at, by }: Drifted['left']): string {
  return `record ${seq} of ${transactionId}, step ${stepIndex + 1}, ${by} ${at}`;
}

function sorted<One extends { readonly footprint: string }>(all: readonly One[]): One[] {
  return [...all].sort((a, b) => (a.footprint < b.footprint ? -1 : 1));
}
