/** The answer to one question about evidence, with its reason in words. */
export interface Check {
  readonly ok: true | false | 'unknown';
  readonly reason: string;
}

/** It holds. */
export function passed(reason: string): Check {
  return { ok: true, reason };
}

/** It does not hold. */
export function failed(reason: string): Check {
  return { ok: false, reason };
}

/** Nothing shows that it holds, and nothing that it does not. */
export function unknown(reason: string): Check {
  return { ok: 'unknown', reason };
}
