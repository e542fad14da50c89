import {
  type AuthorizationAnswer,
  preparsePolicySet,
  preparseSchema,
  type StatefulAuthorizationCall,
} from '@cedar-policy/cedar-wasm/nodejs';
import { PolicyInvalidError } from '../../core/errors.ts';
import type { Answer, DenyCode } from '../../core/ports/decision-point.ts';
import { type LoadedPolicies, staticPolicies } from './load.ts';
import { errorText, type Policy } from './parse-policies.ts';

/** Cedar's evaluation of one request against parsed policies. */
export type Authorize = (call: StatefulAuthorizationCall) => AuthorizationAnswer;

/** The part of an answer that the policies make. */
export type Judgement = Pick<Answer, 'answer' | 'reasons' | 'code' | 'approvalsNeeded' | 'shadow'>;

/** A deny without a policy behind it. */
export function denied(code: DenyCode): Judgement {
  return { answer: 'deny', reasons: [], code };
}

/** Policies parsed once and kept inside Cedar under a name. */
export interface Prepared {
  readonly authorize: Authorize;
  readonly schemaName: string;
  readonly enforcedSet: string;
  /** Absent when no policy is in shadow mode. */
  readonly shadowSet?: string;
  readonly policies: ReadonlyMap<string, Policy>;
}

/** Parses schema and policies into Cedar's own store. Cedar cannot forget them again, so the names
 * are digests: the same set loaded twice takes its place once. */
export function preparse(loaded: LoadedPolicies, authorize: Authorize): Prepared {
  const schemaName = `schema:${loaded.policySetDigest}`;
  const enforcedSet = `enforced:${loaded.policySetDigest}`;
  const shadowSet = `shadow:${loaded.policySetDigest}`;
  const shadow = loaded.policies.filter(({ mode }) => mode === 'shadow');
  requireParsed(preparseSchema(schemaName, loaded.schema));
  preparseSet(
    enforcedSet,
    loaded.policies.filter(({ mode }) => mode === 'enforced'),
  );
  if (shadow.length > 0) preparseSet(shadowSet, shadow);
  const policies = new Map(loaded.policies.map((policy) => [policy.id, policy]));
  const prepared = { authorize, schemaName, enforcedSet, policies };
  return shadow.length > 0 ? { ...prepared, shadowSet } : prepared;
}

function preparseSet(name: string, policies: readonly Policy[]): void {
  requireParsed(preparsePolicySet(name, { staticPolicies: staticPolicies(policies) }));
}

function requireParsed(answer: ReturnType<typeof preparseSchema>): void {
  if (answer.type === 'failure')
    throw new PolicyInvalidError('policy-not-valid', errorText(answer.errors));
}
