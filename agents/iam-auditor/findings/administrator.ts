import type { Subject } from '../enumerate.ts';
import { type Detection, findingOf } from '../finding.ts';
import { powerOf, sourcesGranting } from '../power.ts';
import { principalRef } from './principal-ref.ts';

/** An action that no service has: only a pattern for everything matches it. */
export const ANYTHING_PROBE = 'interlock-probe:Anything';
const IAM_PROBES = ['iam:AttachRolePolicy', 'iam:PutUserPolicy', 'iam:CreatePolicyVersion'];

/** True when the principal may do anything on anything, beyond doubt, IAM included. */
export function isAdministrator(subject: Subject): boolean {
  const { partition, accountId } = subject.account;
  return [ANYTHING_PROBE, ...IAM_PROBES].every(
    (action) =>
      powerOf(subject, action, `arn:${partition}:iam::${accountId}:sample/interlock-probe`) ===
      'yes',
  );
}

/** Principals that a wildcard makes administrators, after Deny and boundary. */
export function administrator(subject: Subject): readonly Detection[] {
  if (!isAdministrator(subject)) return [];
  const policies = sourcesGranting(subject, ANYTHING_PROBE).map((each) => each.source);
  const finding = findingOf(
    {
      ruleId: 'administrator-by-wildcard',
      category: 'administrator',
      severity: 'critical',
      principal: principalRef(subject),
      policies,
      actions: ['*'],
      path: [],
      message: `${subject.principal.type} \`${subject.principal.name}\` may do anything on anything`,
    },
    'anything',
  );
  const cut = { probe: ANYTHING_PROBE, deny: IAM_PROBES, except: '*', keep: [] };
  return [{ finding, cuts: [cut] }];
}
