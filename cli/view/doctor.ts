import type { Doctor } from '../json-shapes.ts';
import type { Colors } from '../output.ts';

const NAME_WIDTH = 'account file'.length;

/** One line a check, and its next step below. */
export function doctorText({ ok, checks }: Doctor, colors: Colors): string {
  const lines = checks.flatMap(({ name, level, message, hint }) => [
    `${levelText(level, colors)}  ${name.padEnd(NAME_WIDTH)}  ${message}`,
    ...(hint === undefined ? [] : [`${' '.repeat(NAME_WIDTH + 8)}${colors.dim('next:')} ${hint}`]),
  ]);
  return [...lines, ok ? colors.green('all well enough to run') : colors.red('not well')].join(
    '\n',
  );
}

function levelText(level: Doctor['checks'][number]['level'], colors: Colors): string {
  const text = level.padEnd('warn'.length);
  if (level === 'ok') return colors.green(text);
  return level === 'warn' ? colors.yellow(text) : colors.red(text);
}
