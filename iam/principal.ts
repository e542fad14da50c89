import { InvalidInputError, NotFoundError } from '../core/errors.ts';
import type { Account, Role, User } from './account.ts';
import { compiledStatements } from './compiled.ts';
import { allOf, type Tri } from './context.ts';
import { type AccessRequest, evaluate } from './evaluate.ts';

/** The documents that decide what a principal may do. */
export interface PrincipalGrants {
  readonly identity: readonly { readonly source: string; readonly documentText: string }[];
  /** The text of the permissions boundary. */
  readonly boundary?: string;
}

/** Where a grant comes from and what it says. */
export interface GrantSource {
  readonly origin: 'attached' | 'inline' | 'group';
  /** The policy's name. */
  readonly name: string;
  /** The policy's ARN, an inline policy's name, or `group/NAME/POLICY`. */
  readonly source: string;
  /** Present for attached managed policies. */
  readonly arn?: string;
  /** Empty, and so malformed, where the account lacks the policy. */
  readonly documentText: string;
}

/**
 * What a user or role of the account is granted: its managed and inline policies, those of its
 * groups, and its boundary. Throws `NotFoundError` `no-such-principal`.
 */
export function grantsOf(account: Account, principalArn: string): PrincipalGrants {
  const principal = account.users.get(principalArn) ?? account.roles.get(principalArn);
  if (principal === undefined) {
    throw new NotFoundError('no-such-principal', `there is no user or role \`${principalArn}\``);
  }
  const boundary = boundaryTextOf(account, principal);
  const identity = grantSources(account, principal);
  return { identity, ...(boundary === undefined ? {} : { boundary }) };
}

/** Every policy that grants or denies the principal something, its own first. */
export function grantSources(account: Account, principal: User | Role): readonly GrantSource[] {
  const textOf = (arn: string): string => account.policies.get(arn)?.documentText ?? '';
  const attached = principal.attached.map(
    ({ name, arn }): GrantSource => ({
      origin: 'attached',
      name,
      source: arn,
      arn,
      documentText: textOf(arn),
    }),
  );
  const inline = principal.inline.map(
    (each): GrantSource => ({ origin: 'inline', source: each.name, ...each }),
  );
  const names = principal.type === 'user' ? principal.groups : [];
  const groups = [...account.groups.values()].filter((each) => names.includes(each.name));
  const ofGroups = groups.flatMap((group) =>
    [
      ...group.attached.map(({ name, arn }) => ({ name, documentText: textOf(arn) })),
      ...group.inline,
    ].map(
      (each): GrantSource => ({
        origin: 'group',
        source: `group/${group.name}/${each.name}`,
        ...each,
      }),
    ),
  );
  return [...attached, ...inline, ...ofGroups];
}

/** The text of the principal's boundary; empty, and so malformed, where the account lacks it. */
export function boundaryTextOf(account: Account, principal: User | Role): string | undefined {
  const arn = principal.boundaryArn;
  return arn === undefined ? undefined : (account.policies.get(arn)?.documentText ?? '');
}

/**
 * Whether the grants allow a call: an Allow, no Deny, and the boundary's own leave. `depends` where
 * context decides that the request does not carry, or a document that cannot be read. Session
 * policies, resource policies and service control policies are not looked at.
 */
export function can(grants: PrincipalGrants, request: AccessRequest): Tri {
  const own = answerOf(
    grants.identity.map((each) => each.documentText),
    request,
  );
  if (grants.boundary === undefined || own === 'no') return own;
  return allOf([own, answerOf([grants.boundary], request)]);
}

function answerOf(texts: readonly string[], request: AccessRequest): Tri {
  const readable = texts.filter(isReadable);
  const { answer } = evaluate(readable, request);
  if (answer === 'explicitly-denied') return 'no';
  if (readable.length < texts.length || answer === 'depends') return 'depends';
  return answer === 'allowed' ? 'yes' : 'no';
}

/** True for the text of an identity policy. */
export function isReadable(documentText: string): boolean {
  try {
    compiledStatements(documentText);
    return true;
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}
