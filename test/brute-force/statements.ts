import { matches, mayMeet, spans } from './wildcards.ts';

/** One statement of an identity policy, as the AWS policy reference reads it. */
export interface PlainStatement {
  readonly isDeny: boolean;
  readonly hasAction: (action: string) => boolean;
  /** One for each resource pattern; all of a `NotResource` are one. */
  readonly reaches: readonly Reach[];
}

/** Where, and under which conditions, a statement holds. */
export interface Reach {
  readonly resource: string;
  /** Patterns of what is left out; then `resource` is `*`. */
  readonly except: readonly string[];
  /** `operator key values`, one text a condition, all of which must hold. */
  readonly conditions: readonly string[];
}

const known = new Map<string, readonly PlainStatement[] | undefined>();

/** The statements of a text, or undefined where it is no policy. */
export function statementsOf(text: string): readonly PlainStatement[] | undefined {
  if (!known.has(text)) known.set(text, read(text));
  return known.get(text);
}

interface Raw {
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function read(text: string): readonly PlainStatement[] | undefined {
  try {
    const { Statement } = JSON.parse(text) as { readonly Statement: Raw | Raw[] };
    return [Statement].flat().map(plain);
  } catch {
    return undefined;
  }
}

function plain(raw: Raw): PlainStatement {
  const actions = [raw.Action ?? raw.NotAction ?? []].flat().map((each) => each.toLowerCase());
  const conditions = conditionsOf(raw.Condition ?? {});
  const reaches =
    raw.NotResource === undefined
      ? [raw.Resource ?? []].flat().map((resource) => ({ resource, except: [], conditions }))
      : [{ resource: '*', except: [raw.NotResource].flat(), conditions }];
  return {
    isDeny: raw.Effect === 'Deny',
    hasAction: actionTest(actions, raw.Action !== undefined),
    reaches,
  };
}

function actionTest(patterns: readonly string[], isOnly: boolean): (action: string) => boolean {
  const names = new Set(patterns);
  const wild = patterns.filter((each) => /[*?]/.test(each));
  return (action) => (names.has(action) || wild.some((each) => matches(each, action))) === isOnly;
}

function conditionsOf(block: NonNullable<Raw['Condition']>): readonly string[] {
  return Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => {
      const wanted = [...new Set([values].flat().map(String))].sort();
      return `${operator} ${key} `.toLowerCase() + JSON.stringify(wanted);
    }),
  );
}

/** True only when the wide reach holds wherever the narrow one does. */
export function reachSpans(wide: Reach, narrow: Reach): boolean {
  if (!wide.conditions.every((each) => narrow.conditions.includes(each))) return false;
  if (!spans(wide.resource, narrow.resource)) return false;
  return wide.except.every(
    (each) => narrow.except.some((one) => spans(one, each)) || !mayMeet(each, narrow.resource),
  );
}

/** True for what holds everywhere and always. */
export const isTotal = (reach: Reach): boolean =>
  reach.resource === '*' && reach.except.length === 0 && reach.conditions.length === 0;
