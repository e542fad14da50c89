/** An answer where not all is known: `depends` on what the request will carry. */
export type Tri = 'yes' | 'no' | 'depends';

/**
 * What is known of a request's context, by condition key; an empty list says that the key is
 * absent.
 */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/** A context ready to be asked; keys are lower case. */
export interface KnownContext {
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** True when a key that is not in `values` is known to be absent. */
  readonly complete: boolean;
}

/** The answer to "do all hold?". */
export function allOf(answers: Iterable<Tri>): Tri {
  let result: Tri = 'yes';
  for (const answer of answers) {
    if (answer === 'no') return 'no';
    if (answer === 'depends') result = 'depends';
  }
  return result;
}

/** The answer to "does any hold?". */
export function anyOf(answers: Iterable<Tri>): Tri {
  let result: Tri = 'no';
  for (const answer of answers) {
    if (answer === 'yes') return 'yes';
    if (answer === 'depends') result = 'depends';
  }
  return result;
}

/** The opposite; what depends still depends. */
export function not(answer: Tri): Tri {
  if (answer === 'depends') return 'depends';
  return answer === 'yes' ? 'no' : 'yes';
}

/** Readies a context: folds the case of keys, which IAM does not tell apart. */
export function knownContext(context: RequestContext, complete: boolean): KnownContext {
  const values = new Map<string, readonly string[]>();
  for (const key of Object.keys(context)) {
    const value = context[key];
    if (value !== undefined)
      values.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  }
  return { values, complete };
}

/** The value of a key: a list, `absent` for sure, or `unknown`. */
export function valuesOf(
  known: KnownContext,
  key: string,
): readonly string[] | 'absent' | 'unknown' {
  const values = known.values.get(key.toLowerCase());
  if (values === undefined) return known.complete ? 'absent' : 'unknown';
  return values.length === 0 ? 'absent' : values;
}

const VARIABLE_PARTS = /^\$\{\s*([^,}]*?)\s*(?:,\s*'([^']*)'\s*)?\}$/;

/** What a variable's text such as `${aws:username, 'nobody'}` stands for in a context. */
export function resolveVariable(
  known: KnownContext,
  variable: string,
): { readonly text: string } | 'absent' | 'unknown' {
  const parts = VARIABLE_PARTS.exec(variable);
  if (parts === null) return 'unknown';
  const values = valuesOf(known, parts[1] ?? '');
  if (values === 'unknown') return 'unknown';
  if (values === 'absent') return parts[2] === undefined ? 'absent' : { text: parts[2] };
  const [only] = values;
  return only === undefined || values.length > 1 ? 'unknown' : { text: only };
}
