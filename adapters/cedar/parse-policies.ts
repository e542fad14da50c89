import type { DetailedError, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { policySetTextToParts, policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { PolicyInvalidError } from '../../core/errors.ts';

/** One policy of the set, with its annotations understood. */
export interface Policy {
  readonly id: string;
  readonly file: string;
  readonly text: string;
  readonly advice?: string;
  /** How many approvals lift this forbid. */
  readonly approval?: number;
  readonly mode: 'enforced' | 'shadow';
}

/** Splits a file with Cedar's own parser and reads the annotations of each policy. Throws
 * `PolicyInvalidError`: `policy-syntax`, `template-unsupported`, `policy-id-missing`,
 * `wildcard-permit`, `unknown-annotation`, `approval-not-read`; the message names file and policy. */
export function parsePolicies(file: string, text: string): readonly Policy[] {
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure')
    throw invalid('policy-syntax', `\`${file}\` does not parse: ${errorText(parts.errors)}`);
  if (parts.policy_templates.length > 0)
    throw invalid('template-unsupported', `\`${file}\` holds a policy template`);
  return parts.policies.map((policy) => parsePolicy(file, policy));
}

/** The first of Cedar's messages; it never quotes more than the place. */
export function errorText(errors: readonly DetailedError[]): string {
  return errors[0]?.message ?? 'no message';
}

function parsePolicy(file: string, text: string): Policy {
  const parsed = policyToJson(text);
  if (parsed.type === 'failure')
    throw invalid('policy-syntax', `\`${file}\` does not parse: ${errorText(parsed.errors)}`);
  const annotations = new Map(Object.entries(parsed.json.annotations ?? {}));
  const id = annotations.get('id');
  // Cedar gives a bare `@id` as null, whatever its type declaration says.
  if (typeof id !== 'string' || !/^[a-z0-9][a-z0-9-]{0,99}$/.test(id))
    throw invalid('policy-id-missing', `a policy of \`${file}\` has no usable \`@id\``);
  annotations.delete('id');
  const place = `policy \`${id}\` of \`${file}\``;
  refuseWildcardPermit(place, parsed.json);
  let policy: Policy = { id, file, text, mode: 'enforced' };
  for (const [name, value] of annotations) {
    policy = { ...policy, ...readAnnotation({ place, name, value, json: parsed.json }) };
  }
  return policy;
}

// What is granted to whom stands in the head of a permit: a new agent or a new action is then never
// granted by a permit that was written before it.
function refuseWildcardPermit(place: string, { effect, principal, action }: PolicyJson): void {
  if (effect === 'permit' && (principal.op === 'All' || action.op === 'All'))
    throw invalid('wildcard-permit', `${place} permits without naming principal and action`);
}

interface Annotated {
  readonly place: string;
  readonly name: string;
  readonly value: unknown;
  readonly json: PolicyJson;
}

function readAnnotation({ place, name, value, json }: Annotated): Partial<Policy> {
  if (name === 'advice' && typeof value === 'string' && value !== '') return { advice: value };
  if (name === 'mode' && value === 'shadow') return { mode: 'shadow' };
  if (name === 'approval' && typeof value === 'string' && /^[1-9]$/.test(value)) {
    if (json.effect === 'forbid') return { approval: requireRead(place, Number(value), json) };
  }
  throw invalid(
    'unknown-annotation',
    `${place} has annotation \`@${name}(${JSON.stringify(value)})\` that means nothing here`,
  );
}

// A forbid that says @approval("n") and does not look at the approvals could never be met, and one
// that looks at fewer would be met too early.
function requireRead(place: string, approvals: number, json: PolicyJson): number {
  const wanted = JSON.stringify({
    left: { '.': { left: { Var: 'context' }, attr: 'approvals' } },
    right: { Value: approvals },
  });
  if (findLess(json.conditions).some((less) => JSON.stringify(less) === wanted)) return approvals;
  throw invalid(
    'approval-not-read',
    `${place} has \`@approval("${approvals}")\` without \`context.approvals < ${approvals}\``,
  );
}

function findLess(node: unknown): readonly unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, child]) =>
    key === '<' ? [child, ...findLess(child)] : findLess(child),
  );
}

function invalid(code: string, message: string): PolicyInvalidError {
  return new PolicyInvalidError(code, message);
}
