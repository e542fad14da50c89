import { protectedAffected } from '../../core/protection.ts';
import { type Account, parseAccount, type Role, type User } from '../../iam/account.ts';
import { compiledStatements } from '../../iam/compiled.ts';
import { parsePolicyDocument } from '../../iam/document.ts';
import protection from '../../policies/protection.json' with { type: 'json' };

/** Where a grant comes from and what it says. */
export interface Source {
  readonly origin: 'attached' | 'inline' | 'group';
  /** The policy's name. */
  readonly name: string;
  /** As findings name it: an ARN, an inline policy's name, or `group/NAME/POLICY`. */
  readonly label: string;
  /** Present for attached managed policies. */
  readonly arn?: string;
  readonly documentText: string;
}

/** The managed policy that bounds a principal. */
export interface Boundary {
  readonly arn: string;
  readonly documentText: string;
}

/** A user or role as the rules see it. */
export interface Subject {
  readonly account: Account;
  readonly principal: User | Role;
  readonly sources: readonly Source[];
  readonly boundary?: Boundary;
  /** Labels of policies that are missing in the file or do not parse; they grant nothing here. */
  readonly invalid: readonly string[];
  readonly isProtected: boolean;
}

/** What an audit looks at, and what it leaves out. */
export interface Enumeration {
  readonly account: Account;
  readonly subjects: readonly Subject[];
  /** ARNs of service-linked and AWS-reserved roles: AWS alone changes them. */
  readonly excluded: readonly string[];
  /** ARNs of entities of other accounts. */
  readonly foreign: readonly string[];
}

const EXCLUDED_PATHS = ['/aws-service-role/', '/aws-reserved/'];
const PROTECTION = {
  ...protection,
  tags: [...protection.tags, { key: 'interlock:protected', values: ['true'] }],
};

/** Turns the value of a GAAD file into subjects, users first. Throws `InvalidInputError` `invalid-account`. */
export function enumerateAccount(gaad: unknown): Enumeration {
  const account = parseAccount(gaad);
  const principals = [...account.users.values(), ...account.roles.values()];
  return {
    account,
    subjects: principals.filter((each) => !isExcluded(each)).map((one) => subjectOf(account, one)),
    excluded: principals.filter(isExcluded).map((each) => each.arn),
    foreign: account.foreign.map((each) => each.arn),
  };
}

const isExcluded = (principal: User | Role): boolean =>
  principal.type === 'role' && EXCLUDED_PATHS.some((path) => principal.path.startsWith(path));

/** One principal with everything that it is granted. */
export function subjectOf(account: Account, principal: User | Role): Subject {
  const found = [...ownSources(account, principal), ...groupSources(account, principal)];
  const bound = principal.boundaryArn;
  const boundaryText = bound === undefined ? undefined : account.policies.get(bound)?.documentText;
  const invalid = found.filter((each) => !isValid(each.documentText)).map((each) => each.label);
  const boundaryBroken = bound !== undefined && !isValid(boundaryText ?? '');
  return {
    account,
    principal,
    sources: found.filter((each) => isValid(each.documentText)),
    ...(bound === undefined || boundaryText === undefined || boundaryBroken
      ? {}
      : { boundary: { arn: bound, documentText: boundaryText } }),
    invalid: boundaryBroken ? [...invalid, bound] : invalid,
    isProtected: protectedAffected([principal], PROTECTION) > 0,
  };
}

function ownSources(account: Account, principal: User | Role): readonly Source[] {
  return [
    ...principal.attached.map(
      ({ name, arn }): Source => ({
        origin: 'attached',
        name,
        label: arn,
        arn,
        documentText: account.policies.get(arn)?.documentText ?? '',
      }),
    ),
    ...principal.inline.map(
      ({ name, documentText }): Source => ({ origin: 'inline', name, label: name, documentText }),
    ),
  ];
}

function groupSources(account: Account, principal: User | Role): readonly Source[] {
  if (principal.type === 'role') return [];
  const groups = [...account.groups.values()].filter((each) =>
    principal.groups.includes(each.name),
  );
  return groups.flatMap((group) =>
    [
      ...group.attached.map(({ name, arn }) => ({
        name,
        documentText: account.policies.get(arn)?.documentText ?? '',
      })),
      ...group.inline,
    ].map(
      ({ name, documentText }): Source => ({
        origin: 'group',
        name,
        label: `group/${group.name}/${name}`,
        documentText,
      }),
    ),
  );
}

function isValid(text: string): boolean {
  try {
    parsePolicyDocument(text);
    return compiledStatements(text).length > 0;
  } catch {
    return false;
  }
}
