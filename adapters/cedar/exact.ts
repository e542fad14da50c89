/** Nesting of a request's context and entities, at most. */
export const DEPTH_MAX = 16;

/**
 * Whether a value reaches Cedar unchanged: strings, booleans, integers within 2^53, arrays and plain
 * objects of those. cedar-wasm takes its call through `JSON.stringify`, which turns integers beyond
 * 2^53 into others without a word: wrong allows were seen.
 */
export function isExact(value: unknown, depth = 0): boolean {
  if (typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null || depth >= DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((item) => isExact(item, depth + 1));
  if ('toJSON' in value) return false;
  return Object.values(value).every((item) => isExact(item, depth + 1));
}
