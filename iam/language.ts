import {
  ANY_ONE,
  ANY_RUN,
  compilePattern,
  isVariable,
  matchesPattern,
  type Pattern,
  plainlyCovers,
  relax,
} from './glob.ts';

/**
 * A set of texts: those that match at least one pattern of every group in `all`, and no pattern of
 * `none`. Closed under "and" and "and not", so that every question on grants is one on emptiness.
 */
export interface Language {
  readonly all: readonly (readonly Pattern[])[];
  readonly none: readonly Pattern[];
}

/**
 * Whether a language has a text; `unknown` when the bound on work was met (read it as "may have
 * one").
 */
export type WordSearch =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown' };

/** Automaton states looked at in one search, at most. */
const STATES_MAX = 4_000;
const EMPTY: WordSearch = { kind: 'empty' };
const EVERYTHING = compilePattern('?*');

/**
 * Looks for a text of the language, exactly, up to a bound. INVARIANT: `empty` is said only if no
 * text, for no value of the policy variables, is in the language. With one group a variable is a
 * letter that only itself and `*` match, which is true for every value; with several groups, wanted
 * patterns have their variables widened to `*` and unwanted patterns with variables match nothing.
 */
export function findWord(language: Language): WordSearch {
  const groups = language.all.length === 0 ? [[EVERYTHING]] : [...language.all];
  groups.sort((a, b) => a.length - b.length);
  const several = groups.length > 1;
  const [first, ...others] = several ? groups.map((group) => group.map(relax)) : groups;
  let unknown = false;
  for (const wanted of first ?? []) {
    const search = searchFrom(wanted, others, language.none);
    if (search.kind === 'word') return search;
    unknown ||= search.kind === 'unknown';
  }
  return unknown ? { kind: 'unknown' } : EMPTY;
}

function searchFrom(
  wanted: Pattern,
  groups: readonly (readonly Pattern[])[],
  none: readonly Pattern[],
): WordSearch {
  const { literal } = wanted;
  if (literal !== undefined) {
    const inAll = groups.every((group) => group.some((each) => matchesPattern(each, literal)));
    const inNone = !none.some((each) => matchesPattern(each, literal));
    return inAll && inNone ? { kind: 'word', word: literal } : EMPTY;
  }
  if (none.some((each) => plainlyCovers(each, wanted))) return EMPTY;
  const near = groups.map((group) => group.filter((each) => prefixesMeet(each, wanted)));
  if (near.some((group) => group.length === 0)) return EMPTY;
  // A group that every wanted text is in says nothing.
  const open = near.filter((group) => !group.some((each) => plainlyCovers(each, wanted)));
  return walk(
    wanted,
    open,
    none.filter((each) => prefixesMeet(each, wanted)),
  );
}

/** False when the fixed beginnings or ends of two patterns differ, so that no text matches both. */
function prefixesMeet(one: Pattern, other: Pattern): boolean {
  return edgesMeet(one.tokens, other.tokens, 0, 1) && edgesMeet(one.tokens, other.tokens, -1, -1);
}

function edgesMeet(
  a: readonly string[],
  b: readonly string[],
  start: number,
  step: number,
): boolean {
  for (let offset = start; ; offset += step) {
    const left = a.at(offset);
    const right = b.at(offset);
    if (Math.abs(offset) > a.length || left === undefined) return true;
    if (Math.abs(offset) > b.length || right === undefined) return true;
    if (left === ANY_RUN || right === ANY_RUN || isVariable(left) || isVariable(right)) return true;
    if (left !== right && left !== ANY_ONE && right !== ANY_ONE) return false;
  }
}

/** One pattern as a bit-parallel automaton: bit i says that the first i tokens are used up. */
interface Machine {
  readonly runs: bigint;
  readonly byLetter: ReadonlyMap<string, bigint>;
  readonly anyOne: bigint;
  readonly start: bigint;
  readonly accept: bigint;
  /** The place from which every text is accepted, or zero. */
  readonly accepting: bigint;
}

const machines = new WeakMap<Pattern, Machine>();

function machineOf(pattern: Pattern): Machine {
  const known = machines.get(pattern);
  if (known !== undefined) return known;
  let runs = 0n;
  let anyOne = 0n;
  const byLetter = new Map<string, bigint>();
  pattern.tokens.forEach((token, index) => {
    const bit = 1n << BigInt(index);
    if (token === ANY_RUN) runs |= bit;
    else if (token === ANY_ONE) anyOne |= bit;
    else byLetter.set(token, (byLetter.get(token) ?? 0n) | bit);
  });
  const length = BigInt(pattern.tokens.length);
  const accepting = pattern.tokens.at(-1) === ANY_RUN ? 1n << (length - 1n) : 0n;
  const start = close(1n, runs);
  const machine = { runs, byLetter, anyOne, start, accept: 1n << length, accepting };
  machines.set(pattern, machine);
  return machine;
}

// No two runs are neighbours (patterns are compiled so), hence one step closes.
const close = (bits: bigint, runs: bigint): bigint => bits | ((bits & runs) << 1n);

function advance(machine: Machine, bits: bigint, letter: string): bigint {
  if (bits === 0n) return 0n;
  const exact = machine.byLetter.get(letter) ?? 0n;
  const hit = bits & (isVariable(letter) ? exact : exact | machine.anyOne);
  return close((hit << 1n) | (bits & machine.runs), machine.runs);
}

interface Node {
  readonly bits: readonly bigint[];
  readonly letter: string;
  readonly parent?: Node;
}

/** Breadth-first walk of the product automaton; finds a shortest text. */
function walk(
  wanted: Pattern,
  groups: readonly (readonly Pattern[])[],
  none: readonly Pattern[],
): WordSearch {
  const patterns = [wanted, ...groups.flat(), ...none];
  const each = patterns.map(machineOf);
  const bounds = groupBounds(groups);
  const letters = alphabet(patterns);
  const own = each[0] as Machine;
  const queue: Node[] = [{ bits: each.map((machine) => machine.start), letter: '' }];
  const seen = new Set<string>([(queue[0] as Node).bits.join()]);
  for (let head = 0; head < queue.length; head++) {
    if (head >= STATES_MAX) return { kind: 'unknown' };
    const node = queue[head] as Node;
    if (accepted(node.bits, each, bounds)) return { kind: 'word', word: wordOf(node) };
    const here = node.bits[0] as bigint;
    const free = (here & (own.runs | own.anyOne)) !== 0n;
    for (const letter of letters) {
      // A variable comes into a text only where the wanted pattern itself has it.
      const exact = ((own.byLetter.get(letter) ?? 0n) & here) !== 0n;
      if (!exact && (!free || isVariable(letter))) continue;
      const bits = each.map((machine, index) =>
        advance(machine, node.bits[index] as bigint, letter),
      );
      if (hopeless(bits, each, bounds)) continue;
      const key = bits.join();
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ bits, letter, parent: node });
    }
  }
  return EMPTY;
}

/** Where each group begins and ends in the list of machines; the unwanted patterns come after. */
function groupBounds(groups: readonly (readonly Pattern[])[]): readonly number[] {
  const bounds = [1];
  for (const group of groups) bounds.push((bounds.at(-1) ?? 1) + group.length);
  return bounds;
}

function accepted(
  bits: readonly bigint[],
  each: readonly Machine[],
  bounds: readonly number[],
): boolean {
  const done = (index: number): boolean =>
    ((bits[index] as bigint) & (each[index] as Machine).accept) !== 0n;
  if (!done(0)) return false;
  for (let group = 0; group + 1 < bounds.length; group++) {
    if (!anyIn(bounds[group] as number, bounds[group + 1] as number, done)) return false;
  }
  return !anyIn(bounds.at(-1) as number, bits.length, done);
}

/** True when no longer text can be in the language. */
function hopeless(
  bits: readonly bigint[],
  each: readonly Machine[],
  bounds: readonly number[],
): boolean {
  const alive = (index: number): boolean => bits[index] !== 0n;
  if (!alive(0)) return true;
  for (let group = 0; group + 1 < bounds.length; group++) {
    if (!anyIn(bounds[group] as number, bounds[group + 1] as number, alive)) return true;
  }
  const swallowed = (index: number): boolean =>
    ((bits[index] as bigint) & (each[index] as Machine).accepting) !== 0n;
  return anyIn(bounds.at(-1) as number, bits.length, swallowed);
}

function anyIn(from: number, to: number, test: (index: number) => boolean): boolean {
  for (let index = from; index < to; index++) if (test(index)) return true;
  return false;
}

/** Every letter that some pattern tells apart, and one that none does. */
function alphabet(patterns: readonly Pattern[]): readonly string[] {
  const letters = new Set(patterns.flatMap((pattern) => pattern.tokens));
  letters.delete(ANY_RUN);
  letters.delete(ANY_ONE);
  let fresh = 'x'.codePointAt(0) ?? 0;
  while (letters.has(String.fromCodePoint(fresh))) fresh = fresh === 0x7a ? 0x100 : fresh + 1;
  return [...letters, String.fromCodePoint(fresh)];
}

function wordOf(node: Node): string {
  const letters: string[] = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) letters.push(at.letter);
  return letters.reverse().join('');
}
