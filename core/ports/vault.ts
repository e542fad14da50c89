import type { Cloud } from './cloud.ts';

/** Which step of which transaction wants credentials. */
export interface SessionRequest {
  readonly transactionId: string;
  readonly epoch: number;
  readonly stepIndex: number;
}

/**
 * The only way to a target. It chooses role and session policy from the *stored* plan, never from
 * its caller, and refuses (`StaleStateError`) any epoch but the current one.
 */
export interface Vault {
  /** The fixed Get and List actions; preflight only. */
  locate(request: SessionRequest): Promise<Cloud>;
  /** `permissions.read` of the step. */
  read(request: SessionRequest): Promise<Cloud>;
  /**
   * `permissions.apply` or `.compensate` with `DateLessThan` the claim's deadline. Once per
   * `attemptId`: the claim must exist, be unanswered and not yet vended, otherwise
   * `DecisionError` (`claim-vended`, `claim-unknown`). The caller records the vend before it uses
   * the session, in a write that only one can win.
   */
  effect(request: SessionRequest & { readonly attemptId: string }): Promise<EffectSession>;
}

export interface EffectSession {
  readonly cloud: Cloud;
  /** SHA-256 of the session policy's text, hex. */
  readonly policyDigest: string;
}
