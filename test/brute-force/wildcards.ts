/** True when a text matches a pattern: `*` is any run of characters, `?` any one of them. */
export function matches(pattern: string, text: string): boolean {
  const known = expressions.get(pattern) ?? expressionOf(pattern);
  return known.test(text);
}

/**
 * True only when the wide pattern matches all that the narrow one does. The narrow one's characters
 * are read as they stand, so that its `*` needs a `*`, and its `?` a `*` or a `?`.
 */
export function spans(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === '*') return true;
  return new RegExp(sourceOf(wide, '[^*$]'), 's').test(narrow);
}

/** False only when no text matches both: their beginnings up to the first wildcard differ. */
export function mayMeet(one: string, other: string): boolean {
  const [a, b] = [startOf(one), startOf(other)];
  return a.startsWith(b) || b.startsWith(a);
}

const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const made = new RegExp(sourceOf(pattern, '.'), 's');
  expressions.set(pattern, made);
  return made;
}

function sourceOf(pattern: string, anyOne: string): string {
  const plain = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return `^${plain.replaceAll('*', '.*').replaceAll('?', anyOne)}$`;
}

const startOf = (pattern: string): string => pattern.split(/[*?$]/)[0] ?? '';
