import { type AccessRequest, evaluate } from './evaluate.ts';

/**
 * True only when the session policy allows the request beyond doubt: what depends on context that
 * the request does not carry is refused. Fast when the same text comes again (it is parsed once).
 * Throws `InvalidInputError` `malformed-policy` for a text that is no policy.
 */
export function isAllowedBySession(sessionPolicyText: string, request: AccessRequest): boolean {
  return evaluate([sessionPolicyText], request).answer === 'allowed';
}
