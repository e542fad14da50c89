import { statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { canonicalText, digestOf, sha256Hex } from '../../core/hash.ts';
import type {
  Answer,
  DecisionPoint,
  DecisionRequest,
  DenyCode,
} from '../../core/ports/decision-point.ts';
import { answerCache } from './answer-cache.ts';
import { isExact } from './exact.ts';
import { judge } from './judge.ts';
import { type LoadedPolicies, loadErrorCode, loadPolicies } from './load.ts';
import { type Authorize, denied, type Judgement, type Prepared, preparse } from './preparse.ts';

/** Answers kept for reuse by one decision point. */
export const ANSWERS_MAX = 4096;

/**
 * The decision point of a policies folder. Never throws: a folder without policies denies everything
 * with `no-policies`, one that does not load with `policies-invalid`.
 */
export function loadDecisionPoint(directory: string): DecisionPoint {
  try {
    return cedarDecisionPoint(loadPolicies(directory));
  } catch (error) {
    return denyingDecisionPoint(loadErrorCode(error));
  }
}

/**
 * Decides with Cedar in this thread. `authorize` is Cedar itself unless a test replaces it.
 */
export function cedarDecisionPoint(
  loaded: LoadedPolicies,
  authorize: Authorize = statefulIsAuthorized,
): DecisionPoint {
  const prepared = preparse(loaded, authorize);
  const cache = answerCache(ANSWERS_MAX);
  return {
    policySetDigest: loaded.policySetDigest,
    policySet: loaded.policySet,
    protection: loaded.protection,
    blastRadius: loaded.blastRadius,
    stats: cache.stats,
    async decide(request) {
      const digests = requestDigests(request, loaded.policySetDigest);
      if (digests === undefined) return unreadableAnswer(loaded.policySetDigest);
      return cache.answer(digests.requestDigest, () => ({
        ...judgeSafely(prepared, loaded, request),
        ...digests,
        reused: false,
      }));
    },
  };
}

function judgeSafely(
  prepared: Prepared,
  loaded: LoadedPolicies,
  request: DecisionRequest,
): Judgement {
  try {
    const { principal } = request;
    if (!loaded.actions.has(request.action)) return denied('unknown-action');
    if (principal.type === 'Agent' && !loaded.agents.includes(principal.id))
      return denied('unknown-principal');
    return judge(prepared, request);
  } catch {
    // Cedar throws where a field is missing; whatever it was, nobody has said yes.
    return denied('pdp-failed');
  }
}

interface Digests {
  readonly policySetDigest: string;
  readonly contextDigest: string;
  readonly entitiesDigest: string;
  readonly requestDigest: string;
}

function requestDigests(request: DecisionRequest, policySetDigest: string): Digests | undefined {
  try {
    const { principal, action, resource, context, entities } = request;
    if (![principal, action, resource, context, entities].every((part) => isExact(part)))
      return undefined;
    const contextDigest = digestOf(context);
    const entitiesDigest = digestOf(entities);
    const question = { principal, action, resource, contextDigest, entitiesDigest };
    return { policySetDigest, contextDigest, entitiesDigest, requestDigest: digestOf(question) };
  } catch {
    return undefined;
  }
}

// What has no exact form has no digest either: the digests say so with the empty object's.
function unreadableAnswer(policySetDigest: string): Answer {
  const nothing = digestOf({});
  return {
    ...denied('request-invalid'),
    policySetDigest,
    contextDigest: nothing,
    entitiesDigest: nothing,
    requestDigest: nothing,
    reused: false,
  };
}

/** Denies everything, since its policies did not load. */
export function denyingDecisionPoint(loadCode: string): DecisionPoint {
  const code: DenyCode = loadCode === 'no-policies' ? 'no-policies' : 'policies-invalid';
  const policySet = canonicalText({ invalid: loadCode });
  const policySetDigest = sha256Hex(policySet);
  let fresh = 0;
  return {
    policySetDigest,
    policySet,
    protection: { paths: ['/'], tags: [], arnPatterns: ['*'] },
    blastRadius: { affectedPrincipalsMax: 0, stepsMax: 0, resourcesMax: 0 },
    stats: () => ({ fresh, reused: 0 }),
    async decide(request) {
      fresh += 1;
      const digests = requestDigests(request, policySetDigest);
      if (digests === undefined) return unreadableAnswer(policySetDigest);
      return { ...denied(code), ...digests, reused: false };
    },
  };
}
