import type { DecisionPoint } from '../core/ports/decision-point.ts';

/** A decision point that is loaded when it is first asked: reading commands never ask. */
export function lazyDecisionPoint(load: () => DecisionPoint): DecisionPoint {
  let loaded: DecisionPoint | undefined;
  const get = (): DecisionPoint => {
    loaded ??= load();
    return loaded;
  };
  return {
    get policySetDigest() {
      return get().policySetDigest;
    },
    get policySet() {
      return get().policySet;
    },
    get protection() {
      return get().protection;
    },
    get blastRadius() {
      return get().blastRadius;
    },
    decide: (request) => get().decide(request),
    stats: () => get().stats(),
  };
}
