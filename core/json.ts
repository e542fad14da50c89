/** A JSON value as evidence knows it: no nulls (absent instead), no floats (integers within 2^53). */
export type Json = string | number | boolean | readonly Json[] | JsonObject;

/** A JSON object; absent members are left out, never `null` or `undefined`. */
export interface JsonObject {
  readonly [key: string]: Json;
}
