import type { z } from 'zod';
import type { EvidenceVerdict } from '../../core/evidence/index.ts';
import type { EvidenceOfAll } from '../json-shapes.ts';
import type { Colors } from '../output.ts';

const CHECKS = ['integrity', 'signer', 'complete', 'outcome'] as const;

/** The four answers about one stream. */
export function verdictText(streamId: string, verdict: EvidenceVerdict, colors: Colors): string {
  const head = `${streamId}: ${headText(verdict, colors)}`;
  const lines = CHECKS.map((name) => {
    const { ok, reason } = verdict[name];
    const color = ok === true ? colors.green : ok === false ? colors.red : colors.yellow;
    return `  ${color(okText(ok).padEnd('unknown'.length))}  ${name}: ${reason}`;
  });
  return [head, ...lines].join('\n');
}

function headText({ ok, integrity, signer, outcome }: EvidenceVerdict, colors: Colors): string {
  if (ok) return colors.green('valid');
  const isSound = integrity.ok === true && signer.ok === true && outcome.ok !== false;
  return isSound ? colors.yellow('open, not complete') : colors.red('not valid');
}

/** The answers about all streams: those that hold as a number, the others in full. */
export function allText(report: z.infer<typeof EvidenceOfAll>, colors: Colors): string {
  const { checked, valid, streams, damage, control } = report;
  const bad = checked - valid;
  const text = `${valid} of ${checked} transaction(s) valid`;
  return [
    ...damage.map((line) => colors.red(`damaged: ${line}`)),
    ...streams.map((one) => verdictText(one.streamId, one, colors)),
    ...(bad > streams.length ? [`and ${bad - streams.length} more that are not valid`] : []),
    report.ok ? colors.green(text) : colors.red(text),
    `${control.records} control record(s) in ${control.streams} stream(s) are not sealed ` +
      'in this version and were not verified',
  ].join('\n');
}

function okText(ok: true | false | 'unknown'): string {
  return ok === 'unknown' ? ok : ok ? 'ok' : 'failed';
}
