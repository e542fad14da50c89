import type { z } from 'zod';
import type { Json, JsonObject } from './json.ts';
import type { Cloud } from './ports/cloud.ts';

/** A principal whose effective permissions a step changes, as the protection rules need it. */
export interface AffectedPrincipal {
  readonly arn: string;
  readonly path: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a step acts on, read at preflight and recorded. */
export interface Target {
  readonly accountId: string;
  readonly arn: string;
  /** The target's own unique id: delete and recreate under one name is drift. */
  readonly uniqueId: string;
  /** Whatever `facts` needs later; small, JSON; policy documents as text. */
  readonly attributes: JsonObject;
  readonly affected: readonly AffectedPrincipal[];
}

/** One statement of a session policy; the vault adds version, effect and time bound. */
export interface PermissionStatement {
  readonly actions: readonly string[];
  /** Full ARNs, no wildcard. */
  readonly resources: readonly string[];
  /** IAM condition block: operator -> key -> value. */
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The three session policies of a step: nothing wider than each phase needs. */
export interface Permissions {
  readonly read: readonly PermissionStatement[];
  readonly apply: readonly PermissionStatement[];
  readonly compensate: readonly PermissionStatement[];
}

/** What Cedar learns of a step: small, typed, bounded. */
export interface Facts {
  /** True when some affected principal could do something after the step that it could not before. */
  readonly widens: boolean;
  readonly affectedPrincipals: number;
  /** How many grants (policy attachments, inline documents) the step takes away. */
  readonly removedCount: number;
}

/** The chained states of the plan's earlier steps, by footprint key. */
export interface View {
  readonly states: ReadonlyMap<string, Json>;
}

/** One step without its id: what an agent writes, what `inverse` returns. */
export interface StepDraft {
  readonly action: string;
  readonly input: JsonObject;
}

/** The context that every step of a plan shares. */
export interface ActionContext {
  readonly partition: string;
  readonly accountId: string;
}

/**
 * What an agent may do, as a footprint: the smallest edge of the target that it changes, how to
 * read it, predict it, change it and put it back. An action that cannot be read back and undone
 * cannot be registered. Actions of one footprint key share one State type.
 */
export interface Action<Input extends JsonObject = JsonObject, State extends Json = Json> {
  /** `service:Operation`, for example `iam:DetachRolePolicy`. */
  readonly id: string;
  /** Counts the changes after which it does otherwise on the same answers; kept in evidence. */
  readonly version: number;
  readonly title: string;
  readonly description: string;
  /** Strict object schema; names and shapes are those of the target's API. */
  readonly input: z.ZodType<Input>;
  /** Reads the target at preflight under the locate session. Throws `CloudRefusedError` if absent. */
  locate(input: Input, context: ActionContext, cloud: Cloud): Promise<Target>;
  /** ARNs that are locked for the plan; the first is the Cedar resource. */
  resources(target: Target, input: Input): readonly string[];
  permissions(target: Target, input: Input): Permissions;
  /** The key of the edge that the step changes; equal keys are chained. */
  footprint(target: Target, input: Input): string;
  /** Observes the footprint under the read session; what compensation must restore. Throws
   * `DriftError` when the target's unique id is no longer the located one. */
  read(target: Target, input: Input, cloud: Cloud): Promise<State>;
  /** Pure: the state after `apply` on `before`. Throws `InvalidInputError` where the API would refuse. */
  predict(input: Input, before: State): State;
  /** Exactly one mutating call. */
  apply(target: Target, input: Input, before: State, cloud: Cloud): Promise<void>;
  /** Restores `before` with at most one mutating call; idempotent; tolerates "nothing there". */
  compensate(target: Target, input: Input, before: State, cloud: Cloud): Promise<void>;
  /** False when `before` could not be put back. */
  restorable(before: State): boolean;
  facts(target: Target, input: Input, before: State, after: State, view: View): Facts;
  /** The step that undoes this one as a new transaction; absent when it changed nothing. */
  inverse(target: Target, input: Input, before: State): StepDraft | undefined;
}

/** Registers an action definition under its own types; the registry stores it erased. */
export function defineAction<Input extends JsonObject, State extends Json>(
  action: Action<Input, State>,
): Action {
  // The engine hands back only inputs that `input` has parsed and states that `read` returned.
  return action as unknown as Action;
}
