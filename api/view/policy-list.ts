import type { PolicyList } from '../shapes.ts';

/** Policies as they are loaded. */
export interface Loaded {
  readonly policySetDigest: string;
  readonly policies: readonly {
    readonly id: string;
    readonly mode: 'enforced' | 'shadow';
    readonly advice?: string;
    readonly approval?: number;
    readonly text: string;
  }[];
}

/** Policies for people. */
export function policyList({ policySetDigest, policies }: Loaded): PolicyList {
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
