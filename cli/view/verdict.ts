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

/** The answers about all streams and the log: what holds in a line, the rest in full. */
export function allText(report: z.infer<typeof EvidenceOfAll>, colors: Colors): string {
  const { streams, control, log } = report;
  const bad = [...streams, ...control].filter(({ ok }) => !ok);
  const lines = [
    ...bad.map((one) => verdictText(one.streamId, one, colors)),
    ...log.problems.map((problem) => `${colors.red('log:')} ${problem}`),
    countText(streams, 'transaction(s)', colors),
    countText(control, 'control stream(s)', colors),
    logText(log, colors),
  ];
  if (log.pending > 0)
    lines.push(
      `${log.pending} seal(s) are not in the log yet: the next command that writes, or serve, takes them in`,
    );
  return lines.join('\n');
}

function countText(
  verdicts: readonly { readonly ok: boolean }[],
  what: string,
  colors: Colors,
): string {
  const good = verdicts.filter(({ ok }) => ok).length;
  const text = `${good} of ${verdicts.length} ${what} valid`;
  return good === verdicts.length ? colors.green(text) : colors.red(text);
}

function logText({ ok, size, checkpoints }: LogPart, colors: Colors): string {
  const text = `${size} entries, ${checkpoints} checkpoint(s)`;
  return ok
    ? colors.green(`the log is whole: ${text}`)
    : colors.red(`the log is not what it was, or the store is not what was logged: ${text}`);
}

type LogPart = z.infer<typeof EvidenceOfAll>['log'];

function okText(ok: true | false | 'unknown'): string {
  return ok === 'unknown' ? ok : ok ? 'ok' : 'failed';
}
