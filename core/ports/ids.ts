/** Fresh identifiers. */
export interface Ids {
  /** A new id that has not been given before, `prefix-...`, of `[a-z0-9-]`, at most 40 characters. */
  next(prefix: string): string;
}
