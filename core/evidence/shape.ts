/** One field of an object that is read from outside. */
export interface Field {
  readonly name: string;
  readonly isOptional?: boolean;
  readonly isValid: (value: unknown) => boolean;
}

/**
 * The name of a field that is missing, unknown or not valid; `whole` for a value that is no object.
 * Written by hand, for it runs on each record of every stream that is verified: a schema library
 * takes several times as long, and a verifier should be all its own.
 */
export function misshapenField(
  value: unknown,
  fields: readonly Field[],
  whole = 'record',
): string | undefined {
  if (!isObject(value)) return whole;
  let count = 0;
  for (const { name, isOptional, isValid } of fields) {
    const field = value[name];
    if (field === undefined) {
      if (isOptional !== true) return name;
    } else {
      if (!isValid(field)) return name;
      count++;
    }
  }
  for (const _ in value) count--;
  if (count === 0) return undefined;
  return Object.keys(value).find((name) => !fields.some((field) => field.name === name));
}

/** True for an object with exactly these fields. */
export function isShaped(value: unknown, fields: readonly Field[]): boolean {
  return misshapenField(value, fields) === undefined;
}

/** True for an array of valid elements. */
export function isListOf(value: unknown, isValid: (element: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isValid);
}

/** True for a text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** True for a text of a pattern. */
export function isTextOf(pattern: RegExp): (value: unknown) => value is string {
  return (value): value is string => isText(value) && pattern.test(value);
}

/** True for SHA-256 in hex. */
export const isDigest = isTextOf(/^[0-9a-f]{64}$/);

/** True for 0, 1, 2 ... within 2^53. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** True for an object that is no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
