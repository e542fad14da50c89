import type { Colors } from '../output.ts';
import { diffLines } from './diff.ts';

/**
 * How a footprint went from state to state: one line a field where all of them are short, such as
 * `attached: true -> false`, otherwise the lines that differ, documents opened.
 */
export function stateChange(states: readonly unknown[], colors: Colors): readonly string[] {
  if (states.every(isShort)) return shortLines(states as readonly Short[], colors);
  return states
    .slice(1)
    .flatMap((state, index) => [
      ...(index === 0 ? [] : [colors.dim('and back:')]),
      ...diffLines(states[index], state, colors),
    ]);
}

type Short = Readonly<Record<string, string | number | boolean>>;

/** True for a state without a document. */
function isShort(state: unknown): state is Short {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return false;
  return Object.values(state).every(
    (value) =>
      typeof value === 'boolean' ||
      typeof value === 'number' ||
      (typeof value === 'string' && !value.startsWith('{')),
  );
}

function shortLines(states: readonly Short[], colors: Colors): readonly string[] {
  const names = [...new Set(states.flatMap((state) => Object.keys(state)))].sort();
  const changed = names.filter((name) => new Set(states.map((state) => state[name])).size > 1);
  if (changed.length === 0) return [colors.dim('no change')];
  return changed.map((name) => {
    const values = states.map((state) => String(state[name] ?? 'none'));
    const text = values.map((value, index) =>
      index === 0 ? colors.red(value) : index === 1 ? colors.green(value) : value,
    );
    return `${name}: ${text.join(' -> ')}`;
  });
}
