/**
 * Every error class of Interlock. ASL matches the literal `name`; the `code` is the same in the API
 * answer (RFC 9457), the CLI's JSON and the evidence. Two families: `TransientError` (nothing ran,
 * may be retried) and the rest.
 */
export interface ErrorDetails {
  /** The next step for the reader, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The root of all errors that Interlock throws on purpose. */
export class InterlockError extends Error {
  override name = 'InterlockError';
  readonly code: string;
  readonly hint?: string;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.hint !== undefined) this.hint = details.hint;
  }
}

/** Nothing ran and the same call may be made again (throttled, busy, not reachable). */
export class TransientError extends InterlockError {
  override name = 'TransientError';
}

/** Input from outside does not parse or breaks a bound; nothing was changed. */
export class InvalidInputError extends InterlockError {
  override name = 'InvalidInputError';
}

/** The caller has not said who it is, or not in a way that holds. */
export class UnauthenticatedError extends InterlockError {
  override name = 'UnauthenticatedError';
}

/** The addressed thing does not exist, or not for this caller. */
export class NotFoundError extends InterlockError {
  override name = 'NotFoundError';
}

/** A policy that determined a denial, with its text for people. */
export interface DenyingPolicy {
  readonly id: string;
  readonly advice?: string;
}

/** The decision point denied, or there was doubt; doubt is deny. */
export class DeniedError extends InterlockError {
  override name = 'DeniedError';
  /** The determining policies, sorted by id; none where no policy permitted. */
  readonly policies: readonly DenyingPolicy[];

  constructor(
    code: string,
    message: string,
    details: ErrorDetails & { readonly policies?: readonly DenyingPolicy[] } = {},
  ) {
    super(code, message, details);
    this.policies = details.policies ?? [];
  }
}

/** The kill switch refuses the step. */
export class HaltedError extends InterlockError {
  override name = 'HaltedError';
}

/** Somebody asked for the transaction to end. */
export class CancelledError extends InterlockError {
  override name = 'CancelledError';
}

/** The plan's deadline has passed. */
export class ExpiredError extends InterlockError {
  override name = 'ExpiredError';
}

/** A resource of the plan is held by another transaction. */
export class ConflictError extends InterlockError {
  override name = 'ConflictError';
  readonly resource: string;
  readonly holder: string;

  constructor(resource: string, holder: string) {
    super('resource-locked', `\`${resource}\` is locked by transaction \`${holder}\``, {
      hint: 'wait until the holder has ended, then propose again',
    });
    this.resource = resource;
    this.holder = holder;
  }
}

/** The target is not as preflight saw it: somebody else changed it. */
export class DriftError extends InterlockError {
  override name = 'DriftError';
}

/** The execution is not the transaction's current one, or not at this point. Nothing was written. */
export class StaleStateError extends InterlockError {
  override name = 'StaleStateError';

  constructor(message: string) {
    super('stale-state', message);
  }
}

/** The decision cannot be consumed: used, expired, foreign, or made for other input. */
export class DecisionError extends InterlockError {
  override name = 'DecisionError';
}

/** The target refused the effect; nothing was changed by it. `code` is the target's own. */
export class CloudRefusedError extends InterlockError {
  override name = 'CloudRefusedError';
}

/** The call was made and no answer came: applied or not is unknown. */
export class AnswerLostError extends InterlockError {
  override name = 'AnswerLostError';
}

/** The effect of a step failed for good. */
export class EffectFailedError extends InterlockError {
  override name = 'EffectFailedError';
}

/** The settled read is not what was predicted. */
export class VerificationFailedError extends InterlockError {
  override name = 'VerificationFailedError';
}

/** Compensation cannot restore `before`; a person is needed. */
export class StuckError extends InterlockError {
  override name = 'StuckError';
}

/** Same idempotency key, other plan (HTTP 422). */
export class IdempotencyError extends InterlockError {
  override name = 'IdempotencyError';
}

/** The policy set, its schema or its data is not valid; nothing can be permitted with it. */
export class PolicyInvalidError extends InterlockError {
  override name = 'PolicyInvalidError';
}

/** Evidence is missing, malformed or contradicts the store; it is not signed. */
export class EvidenceError extends InterlockError {
  override name = 'EvidenceError';
}

/** A replay asks for, or writes, other than was recorded. No task handles it: it ends the attempt. */
export class ReplayError extends Error {
  override name = 'ReplayError';
}

/** What would have happened rests on what nobody has seen. */
export class UndeterminedError extends ReplayError {
  override name = 'UndeterminedError';
}

/** The files of a store are damaged on disk; nothing is guessed about what they held. */
export class StoreDamagedError extends InterlockError {
  override name = 'StoreDamagedError';

  /** `what` names what cannot be read, as in "the records of `tx:...`". */
  constructor(what: string, cause: unknown) {
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    super('store-damaged', `the store is damaged, ${what} cannot be read${reason}`, {
      hint:
        'make a copy of the folder; `interlock doctor` says what is damaged, ' +
        '`interlock evidence salvage --out DIR` exports what can still be read',
      cause,
    });
  }
}

/** True for what only tells that evidence, or the store that has it, cannot be read. */
export function isUnreadable(error: unknown): error is EvidenceError | StoreDamagedError {
  return error instanceof EvidenceError || error instanceof StoreDamagedError;
}

/** Impossible, and yet it happened: a defect of Interlock. */
export class InvariantError extends InterlockError {
  override name = 'InvariantError';

  constructor(message: string) {
    super('invariant', message);
  }
}
