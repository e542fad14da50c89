import { allActions } from '../../../actions/registry.ts';
import { checkPolicies, type LoadedPolicies } from '../../../adapters/cedar/load.ts';
import { parsePolicies } from '../../../adapters/cedar/parse-policies.ts';
import { schemaText } from '../../../adapters/cedar/schema.ts';
import type { Target } from '../../../core/action.ts';
import { stepRequest } from '../../../core/authorization.ts';
import type { DecisionRequest } from '../../../core/ports/decision-point.ts';

export const ACTION_IDS = allActions.map(({ id }) => id);
export const ARN = 'arn:aws:iam::111122223333:role/app/x';
export const PERMIT =
  '@id("p") permit (principal is Agent, action in Action::"phase:apply", resource is IamRole);';
const DATA = {
  protection: { paths: ['/break-glass/'], tags: [{ key: 'break-glass' }], arnPatterns: [] },
  blastRadius: { affectedPrincipalsMax: 9, stepsMax: 9, resourcesMax: 9 },
};

export function target(arn: string): Target {
  const affected = [{ arn, path: '/app/', tags: {} }];
  return { accountId: '111122223333', arn, uniqueId: 'AROA1', attributes: {}, affected };
}

export function policySet(text: string, file = 'a.cedar'): LoadedPolicies {
  const policies = parsePolicies(file, text);
  const schema = schemaText(ACTION_IDS);
  return checkPolicies({ ...DATA, policies, schema, agents: ['iam-auditor'] });
}

export function request(context: Record<string, unknown> = {}, action = 'iam:DetachRolePolicy') {
  const made = stepRequest({
    phase: 'apply',
    agent: 'iam-auditor',
    action,
    resource: ARN,
    target: target(ARN),
    facts: { widens: false, affectedPrincipals: 1, removedCount: 1 },
    plan: { steps: 1, resources: 1 },
    approvals: 0,
    data: DATA,
  });
  return { ...made, context: { ...made.context, ...context } } as DecisionRequest;
}
