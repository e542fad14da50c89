import { InvalidInputError } from '../../core/errors.ts';
import { parsePolicyDocument } from '../../iam/document.ts';

/** IAM quotas, in characters without white space ("IAM and AWS STS quotas", IAM user guide). */
export const ROLE_INLINE_CHARS_MAX = 10_240;
export const USER_INLINE_CHARS_MAX = 2_048;
export const MANAGED_CHARS_MAX = 6_144;

/** How IAM measures a document: white space is not counted. */
export function policyChars(text: string): number {
  return text.replace(/\s/g, '').length;
}

/** Refuses with `malformed-policy` what IAM would not take as a policy of an identity. */
export function checkIdentityPolicy(text: string): void {
  for (const statement of parsePolicyDocument(text).statements) {
    if (statement.principals !== undefined) {
      throw new InvalidInputError('malformed-policy', 'policy document names a principal');
    }
    const bare = statement.actions.patterns.find((one) => one !== '*' && !one.includes(':'));
    if (bare !== undefined) {
      throw new InvalidInputError('malformed-policy', `action \`${bare}\` names no service`);
    }
  }
}

/** A document of an answer as text: the API sends it percent-encoded (RFC 3986). */
export function decodePolicyText(answer: string): string {
  return answer.startsWith('%7B') || answer.startsWith('%20') || answer.startsWith('%0A')
    ? decodeURIComponent(answer)
    : answer;
}
