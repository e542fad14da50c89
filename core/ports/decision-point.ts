import type { JsonObject } from '../json.ts';

/** A Cedar entity's name: `{ type: 'Agent', id: 'iam-auditor' }` is `Agent::"iam-auditor"`. */
export interface EntityRef {
  readonly type: string;
  readonly id: string;
}

/** One entity of the slice that a request needs, in Cedar's JSON form. */
export interface EntityJson {
  readonly uid: EntityRef;
  readonly attrs: JsonObject;
  readonly parents: readonly EntityRef[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** One question to the decision point. Holds neither time nor randomness: equal requests are one. */
export interface DecisionRequest {
  readonly principal: EntityRef;
  /** The id within `Action::`, for example `verify:iam:DetachRolePolicy`. */
  readonly action: string;
  readonly resource: EntityRef;
  readonly context: JsonObject;
  readonly entities: readonly EntityJson[];
}

/** Why an answer is not `allow`; every doubt has a code and is a deny. */
export type DenyCode =
  /** There is no enforced policy at all. */
  | 'no-policies'
  /** The policy set, its schema or its data did not load. */
  | 'policies-invalid'
  /** A policy failed while it was evaluated. Cedar would skip it. */
  | 'policy-error'
  /** The decision point did not answer. */
  | 'pdp-failed'
  /** The request does not fit the schema, or holds a float, a null or an integer beyond 2^53. */
  | 'request-invalid'
  /** The schema does not know the action. */
  | 'unknown-action'
  /** The agent is not in `agents.json`. */
  | 'unknown-principal'
  /** A forbid matched. */
  | 'denied'
  /** No permit matched. */
  | 'no-permit';

/** A policy that made the answer, with its text for people. */
export interface Reason {
  readonly id: string;
  readonly advice?: string;
}

/** What the shadow policies would have answered by themselves; reported, never enforced. */
export interface ShadowAnswer {
  readonly answer: 'allow' | 'deny';
  readonly reasons: readonly Reason[];
}

/** The answer to one request, with the digests that bind it to what was asked. All digests are
 * lower-case hex SHA-256 of RFC 8785 bytes. */
export interface Answer {
  readonly answer: 'allow' | 'deny' | 'awaiting-approval';
  /** The determining policies, or on `policy-error` the failing ones; sorted by id. */
  readonly reasons: readonly Reason[];
  /** Present exactly when `answer` is `deny`. */
  readonly code?: DenyCode;
  /** How many approvals would permit it; present exactly when `answer` is `awaiting-approval`. */
  readonly approvalsNeeded?: number;
  /** Present when a shadow policy had something to say. */
  readonly shadow?: readonly ShadowAnswer[];
  readonly policySetDigest: string;
  readonly contextDigest: string;
  readonly entitiesDigest: string;
  /** Over principal, action, resource, context and entities; not over the policy set. */
  readonly requestDigest: string;
  /** True when an equal request was answered before by the same policy set. */
  readonly reused: boolean;
}

/** A tag that protects its bearer; without `values` any value does. */
export interface ProtectedTag {
  readonly key: string;
  readonly values?: readonly string[];
}

/** Which principals no step may touch, directly or through a shared policy or group. Everything is
 * compared without regard to case. */
export interface ProtectionData {
  /** Prefixes of IAM paths, for example `/aws-service-role/`. */
  readonly paths: readonly string[];
  readonly tags: readonly ProtectedTag[];
  /** ARNs with the wildcards `*` and `?`. */
  readonly arnPatterns: readonly string[];
}

/** How much one plan and one step may reach. */
export interface BlastRadius {
  readonly affectedPrincipalsMax: number;
  readonly stepsMax: number;
  readonly resourcesMax: number;
}

/** The data beside the policies that requests are built with; every decision point carries it. */
export interface PolicyData {
  readonly protection: ProtectionData;
  readonly blastRadius: BlastRadius;
}

/** How many answers were evaluated and how many were reused since the decision point was made. */
export interface DecisionStats {
  readonly fresh: number;
  readonly reused: number;
}

/** The policy engine. Its policy set never changes; new policies are a new decision point. */
export interface DecisionPoint extends PolicyData {
  /** Covers the schema, every policy and the data; independent of file names and their order. */
  readonly policySetDigest: string;
  /** RFC 8785 text of what the digest covers; enough to decide by it again. */
  readonly policySet: string;
  /**
   * Answers one request. Pure, safe to repeat, never throws or rejects: any doubt is a `deny` with
   * its code. `awaiting-approval` means that more approvals, and nothing else, would permit it.
   */
  decide(request: DecisionRequest): Promise<Answer>;
  stats(): DecisionStats;
}
