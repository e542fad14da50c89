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

/** The answers about all streams and the log: what holds as a number, the rest in full. */
export function allText(report: z.infer<typeof EvidenceOfAll>, colors: Colors): string {
  const { damage, control, pruned, log } = report;
  return [
    ...damage.map((line) => colors.red(`damaged: ${line}`)),
    ...badLines(report, colors),
    ...badLines(control, colors),
    ...pruned.problems.map((problem) => `${colors.red('pruned:')} ${problem}`),
    ...log.problems.map((problem) => `${colors.red('log:')} ${problem}`),
    countText(report, 'transaction(s)', colors),
    countText(control, 'control stream(s)', colors),
    ...(pruned.streams === 0
      ? []
      : [
          `${pruned.streams} transaction(s) of ${pruned.records} records were pruned: ` +
            'an archive has them, and the log their seals',
        ]),
    logText(log, colors),
    ...(log.pending === 0
      ? []
      : [
          `${log.pending} seal(s) are not in the log yet: ` +
            'the next command that writes, or serve, takes them in',
        ]),
  ].join('\n');
}

type Verified = z.infer<typeof EvidenceOfAll>['control'];

function badLines({ checked, valid, streams }: Verified, colors: Colors): readonly string[] {
  const more = checked - valid - streams.length;
  const bad = streams.map((one) => verdictText(one.streamId, one, colors));
  return more > 0 ? [...bad, `and ${more} more that are not valid`] : bad;
}

function countText({ checked, valid }: Verified, what: string, colors: Colors): string {
  const text = `${valid} of ${checked} ${what} valid`;
  return valid === checked ? colors.green(text) : colors.red(text);
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
