import { z } from 'zod';
import { digestOf } from '../../core/hash.ts';

/** What a finding is about. */
export const FindingCategory = z.enum([
  'privilege-escalation',
  'administrator',
  'resource-exposure',
  'data-exfiltration',
  'credentials-exposure',
  'public-trust',
  'cross-account-trust',
  'hygiene',
  'invalid-policy',
]);
export type FindingCategory = z.infer<typeof FindingCategory>;

/** How bad it is, worst first. */
export const Severity = z.enum(['critical', 'high', 'medium', 'low', 'info']);
export type Severity = z.infer<typeof Severity>;

/** What is proposed against a finding, or why nothing is. */
export const Remediation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('plan'), proposalId: z.string() }),
  z.strictObject({ kind: z.literal('none'), reason: z.string() }),
]);
export type Remediation = z.infer<typeof Remediation>;

/** One finding of an audit, as `audit --json` prints it. */
export const Finding = z.strictObject({
  /** Stable over audits: a hash of rule, principal and cause. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  ruleId: z.string(),
  category: FindingCategory,
  severity: Severity,
  principal: z.strictObject({ type: z.enum(['user', 'role']), name: z.string(), arn: z.string() }),
  /** ARNs of managed policies, names of inline ones, groups as `group/NAME/POLICY`. */
  policies: z.array(z.string()),
  actions: z.array(z.string()),
  /** For an escalation the path's id and its hops, else empty. */
  path: z.array(z.string()),
  message: z.string(),
  remediation: Remediation.optional(),
});
export type Finding = z.infer<typeof Finding>;

/** A finding and what would have to go for it to go; `cuts` is empty where no grant is at fault. */
export interface Detection {
  readonly finding: Finding;
  readonly cuts: readonly Cut[];
}

/**
 * What a remedy takes away: the actions that a guard must deny, the probe that every offending action
 * pattern matches, and what may stay of a pattern that is exactly `service:*`.
 */
export interface Cut {
  readonly probe: string;
  readonly deny: readonly string[];
  /** What a `NotAction` list must additionally name. */
  readonly except: string;
  readonly keep: readonly string[];
}

/** The parts of a finding that its rule decides. */
export type FindingDraft = Omit<Finding, 'id' | 'remediation'>;

/** Gives a finding its stable id; `cause` tells apart two findings of one rule on one principal. */
export function findingOf(draft: FindingDraft, cause: string): Finding {
  const id = digestOf([draft.ruleId, draft.principal.arn, cause]).slice(0, 16);
  return { id, ...draft };
}
