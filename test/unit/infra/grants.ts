import { type Resource, resourcesOf, type Template } from './synthesis.ts';

/** One statement of a role, with texts in which references are `{LogicalId}`. */
export interface Grant {
  /** Logical id of the role. */
  readonly role: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Every statement of every role's policies. A form that is not understood is an error. */
export function grantsOf(template: Template): readonly Grant[] {
  const roles = resourcesOf(template, 'AWS::IAM::Role');
  const inline = roles.flatMap(([role, { Properties: own }]) => {
    if (own['ManagedPolicyArns'] !== undefined) throw new Error(`${role} has managed policies`);
    return (own['Policies'] ?? []).flatMap((policy: Resource['Properties']) =>
      statementsOf(policy, [role]),
    );
  });
  const attached = resourcesOf(template, 'AWS::IAM::Policy').flatMap(([, { Properties: own }]) =>
    statementsOf(own, own['Roles'].map(textOf).map(withoutBraces)),
  );
  return [...inline, ...attached];
}

/** The roles, by logical id, that may do an action on a resource whose text contains `part`. */
export function rolesThatMay(template: Template, action: string, part: string): readonly string[] {
  const matching = grantsOf(template).filter(
    (grant) =>
      grant.actions.some((one) => isLike(one, action)) &&
      grant.resources.some((one) => one === '*' || one.includes(part)),
  );
  const denied = new Set(rolesIn(matching, 'Deny'));
  return [...new Set(rolesIn(matching, 'Allow'))].filter((role) => !denied.has(role)).sort();
}

/** What a value of a template says, with `{LogicalId}` for a reference. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, of] = []] = Object.entries(value as Record<string, unknown>);
  if (name === 'Ref') return `{${of}}`;
  if (name === 'Fn::GetAtt') return `{${(of as string[])[0]}}`;
  if (name === 'Fn::Join') return (of as [string, unknown[]])[1].map(textOf).join('');
  throw new Error(`a test cannot read ${JSON.stringify(value)}`);
}

export const withoutBraces = (text: string): string => text.replace(/^\{(.*)\}$/, '$1');

function statementsOf(policy: Resource['Properties'], roles: readonly string[]): readonly Grant[] {
  return policy['PolicyDocument'].Statement.flatMap((statement: Record<string, unknown>) => {
    const { Effect: effect, Action: action, Resource: resource } = statement;
    if (effect !== 'Allow' && effect !== 'Deny') throw new Error(`effect ${effect}`);
    // A Deny that holds only sometimes is none; an Allow that does is one.
    if (effect === 'Deny' && (statement['Condition'] ?? statement['NotAction'])) return [];
    if (action === undefined || resource === undefined) throw new Error('a negated statement');
    return roles.map((role) => ({
      role,
      effect,
      actions: listOf(action).map(textOf),
      resources: listOf(resource).map(textOf),
    }));
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function rolesIn(grants: readonly Grant[], effect: Grant['effect']): readonly string[] {
  return grants.filter((grant) => grant.effect === effect).map(({ role }) => role);
}

/** Does an action pattern of a policy cover an action? IAM ignores their case. */
function isLike(pattern: string, action: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = escaped.replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(action);
}
