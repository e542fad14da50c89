import { cedarDecisionPoint, loadDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { checkPolicies, loadPolicies } from '../../../adapters/cedar/load.ts';
import type { DecisionPoint } from '../../../core/ports/decision-point.ts';

const UNBOUND = 'iam:DeleteRolePermissionsBoundary';
const WIDENS = 'when { context.widens }';

let shipped: DecisionPoint | undefined;
let unbinding: DecisionPoint | undefined;

/** The policies as they are shipped, loaded once a test file. */
export function shippedPolicies(): DecisionPoint {
  shipped ??= loadDecisionPoint('policies');
  return shipped;
}

/**
 * The shipped policies with one exemption: taking a boundary away always widens, so that only an
 * approved undo may do it; here a step may, so that the action runs like the other nine.
 */
export function unbindingPolicies(): DecisionPoint {
  unbinding ??= loadUnbinding();
  return unbinding;
}

function loadUnbinding(): DecisionPoint {
  const loaded = loadPolicies('policies');
  const exempt = `[Action::"${UNBOUND}", Action::"verify:${UNBOUND}"]`;
  const policies = loaded.policies.map((one) => ({
    ...one,
    text: one.text.replace(WIDENS, `when { context.widens && !(action in ${exempt}) }`),
  }));
  if (!policies.some((one) => one.text.includes(exempt))) throw new Error('nothing was exempted');
  return cedarDecisionPoint(checkPolicies({ ...loaded, policies }));
}

/** The shipped policies where an undo needs more approvals than one. */
export function policiesAsking(approvals: number): DecisionPoint {
  const loaded = loadPolicies('policies');
  const policies = loaded.policies.map((one) =>
    one.approval === undefined
      ? one
      : {
          ...one,
          approval: approvals,
          text: one.text
            .replace(`@approval("${one.approval}")`, `@approval("${approvals}")`)
            .replace(`approvals < ${one.approval}`, `approvals < ${approvals}`),
        },
  );
  return cedarDecisionPoint(checkPolicies({ ...loaded, policies }));
}
