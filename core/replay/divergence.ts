import { strictText } from '../evidence/canonical.ts';
import type { EvidenceRecord } from '../evidence/record.ts';

/** The first place where a replay is not what was recorded. */
export interface Divergence {
  /** The record, by its sequence number. */
  readonly seq: number;
  /** The member within it, as `data.steps.0.before`. */
  readonly field: string;
  readonly message: string;
  /** What the record has, as JSON text; absent where it has nothing there. */
  readonly recorded?: string;
  /** What the replay has. */
  readonly replayed?: string;
}

/** Characters of a value that a divergence shows. */
const VALUE_CHARACTERS_MAX = 200;

/** A question whose answer is not recorded there. */
export function askedInVain(seq: number, port: string, found: string | undefined): Divergence {
  const instead = found === undefined ? 'nothing more' : `\`${found}\``;
  const message = `asks \`${port}\` where the record has ${instead}`;
  return { seq, field: 'observations', message };
}

/** What differs first between a record that was written anew and the one that stands there. */
export function differenceOf(
  seq: number,
  replayed: EvidenceRecord,
  recorded: EvidenceRecord | undefined,
): Divergence {
  if (recorded === undefined)
    return { seq, field: '', message: `writes \`${replayed.kind}\` where the records end` };
  if (replayed.kind !== recorded.kind)
    return {
      seq,
      field: 'kind',
      message: `writes \`${replayed.kind}\` where the record is \`${recorded.kind}\``,
    };
  const path = firstDifference(replayed, recorded, []) ?? [];
  const values = {
    ...shown('recorded', at(recorded, path)),
    ...shown('replayed', at(replayed, path)),
  };
  const field = path.join('.');
  return { seq, field, message: `\`${recorded.kind}\` has another \`${field}\``, ...values };
}

function firstDifference(
  left: unknown,
  right: unknown,
  path: readonly string[],
): readonly string[] | undefined {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return left === right ? undefined : path;
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort(byPosition);
  for (const key of keys) {
    const found = firstDifference(at(left, [key]), at(right, [key]), [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Elements of a list in their order, members of an object by name. */
function byPosition(one: string, other: string): number {
  const [left, right] = [Number(one), Number(other)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  return one < other ? -1 : 1;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (part as Readonly<Record<string, unknown>> | undefined)?.[key],
    value,
  );
}

function shown(name: 'recorded' | 'replayed', value: unknown): Partial<Divergence> {
  if (value === undefined) return {};
  return { [name]: strictText(value).slice(0, VALUE_CHARACTERS_MAX) };
}
