import { type PrincipalEntry, parsePolicyDocument, type Statement } from '../../../iam/document.ts';
import type { Subject } from '../enumerate.ts';
import { type Detection, findingOf } from '../finding.ts';
import { principalRef } from './principal-ref.ts';

/** Roles that anyone, or another account, may assume without a condition. */
export function openTrust(subject: Subject): readonly Detection[] {
  const { principal } = subject;
  if (principal.type !== 'role') return [];
  const statements = trustOf(principal.trustText);
  if (statements === undefined) return [detection(subject, 'invalid-policy', 'trust policy')];
  const open = statements.filter((each) => each.effect === 'Allow' && each.conditions.length === 0);
  if (open.some(isPublic)) return [detection(subject, 'public-trust', '*')];
  const accounts = open.flatMap((each) => each.principals?.entries ?? []).map(accountOf);
  const foreign = new Set(accounts.filter((id) => id !== '' && id !== subject.account.accountId));
  return [...foreign].sort().map((id) => detection(subject, 'cross-account-trust', id));
}

function trustOf(text: string): readonly Statement[] | undefined {
  try {
    return parsePolicyDocument(text).statements;
  } catch {
    return undefined;
  }
}

// `NotPrincipal` with Allow lets in everybody else.
const isPublic = ({ principals }: Statement): boolean =>
  principals?.kind === 'except' ||
  (principals?.entries.some((each) => each.type === 'AWS' && each.value === '*') ?? false);

function accountOf({ type, value }: PrincipalEntry): string {
  if (type !== 'AWS') return '';
  return /^(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(value)?.[1] ?? '';
}

type TrustCategory = 'public-trust' | 'cross-account-trust' | 'invalid-policy';

function detection(subject: Subject, category: TrustCategory, who: string): Detection {
  const words = {
    'public-trust': 'may be assumed by anyone',
    'cross-account-trust': `may be assumed from account \`${who}\` without a condition`,
    'invalid-policy': 'has a malformed trust policy',
  };
  const severity = category === 'public-trust' ? 'critical' : 'medium';
  const finding = findingOf(
    {
      ruleId: category === 'invalid-policy' ? 'invalid-trust' : `open-${category}`,
      category,
      severity,
      principal: principalRef(subject),
      policies: ['trust policy'],
      actions: ['sts:AssumeRole'],
      path: [],
      message: `role \`${subject.principal.name}\` ${words[category]}`,
    },
    who,
  );
  return { finding, cuts: [] };
}
