import { protectedAffected } from '../../core/protection.ts';
import { type Account, parseAccount, type Role, type User } from '../../iam/account.ts';
import {
  boundaryTextOf,
  type GrantSource,
  grantSources,
  isReadable,
  type PrincipalGrants,
} from '../../iam/principal.ts';
import protection from '../../policies/protection.json' with { type: 'json' };

/** The managed policy that bounds a principal. */
export interface Boundary {
  readonly arn: string;
  readonly documentText: string;
}

/** A user or role as the rules see it. */
export interface Subject {
  readonly account: Account;
  readonly principal: User | Role;
  readonly sources: readonly GrantSource[];
  readonly boundary?: Boundary;
  /** Names of policies that are missing in the file or do not parse; they grant nothing here. */
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
  const found = grantSources(account, principal);
  const arn = principal.boundaryArn;
  const boundaryText = boundaryTextOf(account, principal);
  const isBroken = boundaryText !== undefined && !isReadable(boundaryText);
  const broken = found.filter((each) => !isReadable(each.documentText));
  return {
    account,
    principal,
    sources: found.filter((each) => isReadable(each.documentText)),
    ...(arn === undefined || boundaryText === undefined || isBroken
      ? {}
      : { boundary: { arn, documentText: boundaryText } }),
    invalid: [
      ...broken.map((each) => each.source),
      ...(isBroken && arn !== undefined ? [arn] : []),
    ],
    isProtected: protectedAffected([principal], PROTECTION) > 0,
  };
}

/** The documents of a subject that can be read, as proofs and evaluation take them. */
export function grantsOfSubject({ sources, boundary }: Subject): PrincipalGrants {
  return {
    identity: sources,
    ...(boundary === undefined ? {} : { boundary: boundary.documentText }),
  };
}
