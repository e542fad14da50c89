import { loadPolicies } from '../../adapters/cedar/load.ts';
import type { PolicyList } from '../../api/shapes.ts';
import { policyList } from '../../api/view/policy-list.ts';

/** The policies of a folder, for people. Throws `PolicyInvalidError`. */
export function policyListOf(folder: string): PolicyList {
  return policyList(loadPolicies(folder));
}
