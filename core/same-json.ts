/**
 * True for values of the same canonical text, whatever the order of their members: canonical form has
 * one text for one value, so that values need not be written to be compared.
 */
export function isSameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const one = left as Readonly<Record<string, unknown>>;
  const other = right as Readonly<Record<string, unknown>>;
  let count = 0;
  for (const key in one) {
    count += 1;
    if (!Object.hasOwn(other, key) || !isSameJson(one[key], other[key])) return false;
  }
  for (const _ in other) count -= 1;
  return count === 0;
}
