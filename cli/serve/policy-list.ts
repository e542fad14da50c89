import { loadPolicies } from '../../adapters/cedar/load.ts';
import type { PolicyList } from '../../api/shapes.ts';

/** The policies of a folder, for people. Throws `PolicyInvalidError`. */
export function policyListOf(folder: string): PolicyList {
  const { policySetDigest, policies } = loadPolicies(folder);
  return {
    policySetDigest,
    policies: policies.map(({ id, mode, advice, approval, text }) => ({
      id,
      mode,
      ...(advice === undefined ? {} : { advice }),
      ...(approval === undefined ? {} : { approval }),
      text,
    })),
  };
}
