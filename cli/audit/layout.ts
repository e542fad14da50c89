import type { Colors } from '../output.ts';

/** How text for people is laid out. */
export interface Layout {
  readonly colors: Colors;
  /** Characters of a line, at most. */
  readonly columns: number;
}

const COLUMNS_MIN = 60;
const COLUMNS_MAX = 110;
const COLUMNS_DEFAULT = 100;

/** The layout for a stream that is so wide; one that is no terminal gets a comfortable width. */
export function layoutOf(colors: Colors, columns: number | undefined): Layout {
  // A terminal that does not know its width says 0.
  const wanted = columns || COLUMNS_DEFAULT;
  return { colors, columns: Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, wanted)) };
}

/** The text cut to so many characters; what is missing shows as one dot-dot-dot. */
export function cut(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, Math.max(1, characters - 1))}…`;
}

/** `1 plan`, `2 plans`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
