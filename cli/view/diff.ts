import type { Colors } from '../output.ts';

/** Lines that are compared; above it a state is shown as changed as a whole. */
const DIFF_LINES_MAX = 400;

/** What changes from one state to another, as lines with `-` and `+`; texts of JSON are opened. */
export function diffLines(before: unknown, after: unknown, colors: Colors): readonly string[] {
  const old = linesOf(before);
  const fresh = linesOf(after);
  return compare(old, fresh).map(({ sign, line }) => {
    const text = `${sign} ${line}`;
    if (sign === '-') return colors.red(text);
    return sign === '+' ? colors.green(text) : colors.dim(text);
  });
}

function linesOf(state: unknown): readonly string[] {
  return JSON.stringify(opened(state), undefined, 2).split('\n');
}

/** A policy document inside a state is text, which a person reads better as JSON; its own keys keep
 * their order. */
function opened(value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith('{')) {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== 'object' || value === null) return value;
  // Sorted, since the store keeps no order of keys.
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, opened(item)]));
}

interface Line {
  readonly sign: '-' | '+' | ' ';
  readonly line: string;
}

function compare(old: readonly string[], fresh: readonly string[]): readonly Line[] {
  if (old.length > DIFF_LINES_MAX || fresh.length > DIFF_LINES_MAX)
    return [...old.map(removed), ...fresh.map(added)];
  const common = commonLengths(old, fresh);
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    const left = old[i];
    const right = fresh[j];
    if (left !== undefined && left === right) {
      lines.push({ sign: ' ', line: left });
      i += 1;
      j += 1;
    } else if (isRemoved(left, right, at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push(removed(left));
      i += 1;
    } else {
      lines.push(added(right as string));
      j += 1;
    }
  }
  return lines;
}

function isRemoved(
  left: string | undefined,
  right: string | undefined,
  isShorter: boolean,
): left is string {
  return left !== undefined && (right === undefined || isShorter);
}

/** Length of the longest common subsequence of the two rests, for every pair of positions. */
function commonLengths(old: readonly string[], fresh: readonly string[]): readonly number[][] {
  const table = Array.from({ length: old.length + 1 }, () =>
    new Array<number>(fresh.length + 1).fill(0),
  );
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      const row = table[i] as number[];
      row[j] =
        old[i] === fresh[j]
          ? at(table, i + 1, j + 1) + 1
          : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  return table;
}

function at(table: readonly number[][], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}

function removed(line: string): Line {
  return { sign: '-', line };
}

function added(line: string): Line {
  return { sign: '+', line };
}
