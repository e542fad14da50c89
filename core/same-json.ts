/**
 * True for values of the same canonical text, whatever the order of their members: canonical form has
 * one text for one value, so that values need not be written to be compared.
 */
export function isSameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return false;
  if (Array.isArray(left)) return Array.isArray(right) && isSameList(left, right);
  if (Array.isArray(right)) return false;
  const one = left as Readonly<Record<string, unknown>>;
  const other = right as Readonly<Record<string, unknown>>;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  for (const key of keys) {
    const value = other[key];
    // JSON has no undefined: a member that is, on either side, is a difference.
    if (value === undefined || !isSameJson(one[key], value)) return false;
  }
  return true;
}

function isSameList(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++)
    if (!isSameJson(left[index], right[index])) return false;
  return true;
}
