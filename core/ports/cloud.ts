import type { Json, JsonObject } from '../json.ts';

/** One call of the target system's API, named `service:Operation` as its own documentation does. */
export interface CloudRequest {
  /** For example `iam:AttachRolePolicy`. */
  readonly operation: string;
  readonly input: JsonObject;
}

/** The target system, seen through one session with narrowed credentials. */
export interface Cloud {
  /**
   * Makes one call. Durable when it returns. Not safe to repeat unless the operation is.
   * Throws `CloudRefusedError` (definite, nothing changed; `code` is the API's own, such as
   * `NoSuchEntity` or `AccessDenied`), `TransientError` (throttled, nothing ran),
   * `AnswerLostError` (unknown whether it ran).
   */
  call(request: CloudRequest): Promise<Json>;
}
