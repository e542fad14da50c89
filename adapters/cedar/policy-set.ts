import { z } from 'zod';
import { PolicyInvalidError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/hash.ts';
import type { DecisionPoint } from '../../core/ports/decision-point.ts';
import { cedarDecisionPoint, denyingDecisionPoint } from './decision-point.ts';
import { checkPolicies } from './load.ts';
import { parsePolicies } from './parse-policies.ts';
import { Protection, Radius } from './read-data.ts';

/**
 * The decision point of a policy set as evidence carries it, in the text of its digest. Throws
 * `PolicyInvalidError` (`policy-set-invalid`) for any other text, and what loading policies throws.
 */
export function decisionPointOf(policySet: string): DecisionPoint {
  const parsed = PolicySet.safeParse(parseJson(policySet));
  if (!parsed.success) throw notAPolicySet();
  if ('invalid' in parsed.data) return denyingDecisionPoint(parsed.data.invalid);
  const { policies, ...data } = parsed.data;
  const loaded = checkPolicies({
    ...data,
    policies: policies.flatMap(({ id, text }) => parsePolicies(id, text)),
  });
  // INVARIANT: it decides as the one that was recorded, whose text this is.
  if (loaded.policySetDigest !== sha256Hex(policySet)) throw notAPolicySet();
  return cedarDecisionPoint(loaded);
}

const PolicySet = z.union([
  z.strictObject({ invalid: z.string() }),
  z.strictObject({
    schema: z.string(),
    policies: z.array(z.strictObject({ id: z.string(), text: z.string() })),
    agents: z.array(z.string()),
    protection: Protection,
    blastRadius: Radius,
  }),
]);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PolicyInvalidError('policy-set-invalid', 'a policy set is not JSON', { cause });
  }
}

function notAPolicySet(): PolicyInvalidError {
  return new PolicyInvalidError('policy-set-invalid', 'this is not the text of a policy set');
}
