import { isObject } from './shape.ts';

/**
 * What a value must be, other members aside: the path of the first that is missing or not valid,
 * empty for the value itself; undefined when all is well.
 */
export interface Loose<Value> {
  (value: unknown): string | undefined;
  /** Never there: only the type of what was looked at. */
  readonly type?: Value;
}

/** The type of what a shape lets through. */
export type Of<Shape> = Shape extends Loose<infer Value> ? Value : never;

/** A value that holds. */
export function that<Value>(isValid: (value: unknown) => boolean): Loose<Value> {
  return (value) => (isValid(value) ? undefined : '');
}

/** A member that may be absent. */
export function optional<Value>(shape: Loose<Value>): Loose<Value | undefined> {
  return (value) => (value === undefined ? undefined : shape(value));
}

/** One of these texts. */
export function oneOf<const Text extends string>(...texts: readonly Text[]): Loose<Text> {
  const known: ReadonlySet<unknown> = new Set(texts);
  return that((value) => known.has(value));
}

/** A list of such values. */
export function listOf<Value>(shape: Loose<Value>): Loose<readonly Value[]> {
  return (value) => {
    if (!Array.isArray(value)) return '';
    for (const [index, element] of value.entries()) {
      const fault = shape(element);
      if (fault !== undefined) return pathOf(String(index), fault);
    }
    return undefined;
  };
}

/** An object with at least these members. */
export function object<Shapes extends Readonly<Record<string, Loose<unknown>>>>(
  shapes: Shapes,
): Loose<Members<Shapes>> {
  const members = Object.entries(shapes);
  return (value) => {
    if (!isObject(value)) return '';
    for (const [name, shape] of members) {
      const fault = shape(value[name]);
      if (fault !== undefined) return pathOf(name, fault);
    }
    return undefined;
  };
}

type OptionalOf<Shapes> = {
  [Name in keyof Shapes]: undefined extends Of<Shapes[Name]> ? Name : never;
}[keyof Shapes];

type Members<Shapes> = {
  readonly [Name in Exclude<keyof Shapes, OptionalOf<Shapes>>]: Of<Shapes[Name]>;
} & { readonly [Name in OptionalOf<Shapes>]?: Of<Shapes[Name]> };

function pathOf(name: string, fault: string): string {
  return fault === '' ? name : `${name}.${fault}`;
}
