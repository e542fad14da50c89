import { cedarDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { checkPolicies, loadPolicies } from '../../../adapters/cedar/load.ts';
import { parsePolicies } from '../../../adapters/cedar/parse-policies.ts';
import type { DecisionPoint } from '../../../core/ports/decision-point.ts';

/** A policy set that decides otherwise somewhere, by a forbid more or a permit less. */
export interface OtherPolicies {
  readonly what: string;
  readonly decisionPoint: DecisionPoint;
}

const UNBOUND = 'iam:DeleteRolePermissionsBoundary';
const cache = new Map<string, DecisionPoint>();

/** A policy set that has one forbid more on one of these actions, or none. */
export function otherPolicies(random: () => number, ids: readonly string[]): OtherPolicies {
  const id = ids[Math.floor(random() * ids.length)] as string;
  const kinds = ['apply', 'verify', 'compensate', 'approval', 'propose', 'none'] as const;
  const kind = kinds[Math.floor(random() * kinds.length)] as (typeof kinds)[number];
  const what = `${kind} ${id}`;
  const decisionPoint = cache.get(what) ?? withForbid(forbidOf(kind, id));
  cache.set(what, decisionPoint);
  return { what, decisionPoint };
}

function forbidOf(kind: string, id: string): string {
  const head = (action: string, more = '') =>
    `${more}@id("one-more")\nforbid (principal, action == Action::"${action}", resource)`;
  switch (kind) {
    case 'apply':
      return `${head(id)};`;
    case 'verify':
      return `${head(`verify:${id}`)};`;
    case 'compensate':
      return `${head(`compensate:${id}`)};`;
    case 'approval':
      return `${head(id, '@approval("1")\n')} when { context.approvals < 1 };`;
    case 'propose':
      return `${head('transaction:Propose')} when { context.planSteps > 3 };`;
    default:
      return '';
  }
}

/** The policies of the test worlds, and one more. */
function withForbid(text: string): DecisionPoint {
  const loaded = loadPolicies('policies');
  const exempt = `[Action::"${UNBOUND}", Action::"verify:${UNBOUND}"]`;
  const policies = loaded.policies.map((one) => ({
    ...one,
    text: one.text.replace(
      'when { context.widens }',
      `when { context.widens && !(action in ${exempt}) }`,
    ),
  }));
  const more = text === '' ? [] : parsePolicies('more.cedar', text);
  return cedarDecisionPoint(checkPolicies({ ...loaded, policies: [...policies, ...more] }));
}
