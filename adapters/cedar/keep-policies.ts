import type { Contents } from '../../core/ports/contents.ts';
import type { DecisionPoint } from '../../core/ports/decision-point.ts';

/** The same decision point, whose policy set is kept before its first answer: who replays that
 * answer needs it. */
export function keepingPolicies(decisionPoint: DecisionPoint, contents: Contents): DecisionPoint {
  let kept: Promise<void> | undefined;
  const keep = (): Promise<void> => {
    // A failure is the caller's, who asks again.
    kept ??= contents.keep(decisionPoint.policySet).catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
  return {
    get policySetDigest() {
      return decisionPoint.policySetDigest;
    },
    get policySet() {
      return decisionPoint.policySet;
    },
    get protection() {
      return decisionPoint.protection;
    },
    get blastRadius() {
      return decisionPoint.blastRadius;
    },
    stats: () => decisionPoint.stats(),
    async decide(request) {
      await keep();
      return decisionPoint.decide(request);
    },
  };
}
