import type { Json } from '../json.ts';

/** One step of a dry run, as far as an approval is bound to it. */
export interface DryRunOfStep {
  /** What was located, with its unique id. */
  readonly target: unknown;
  readonly resources: unknown;
  readonly footprint: unknown;
  readonly beforeDigest: string;
  readonly predictedDigest: string;
  readonly facts: unknown;
}

/**
 * What an approval is bound to besides plan and policy set: where every step acts, what is there,
 * and what it will be. The digest of a dry run is the one of this value (SHA-256 of RFC 8785
 * bytes); control plane and verifier make it of the same fields.
 */
export function dryRunValue(steps: readonly DryRunOfStep[]): Json {
  const value = steps.map(
    ({ target, resources, footprint, beforeDigest, predictedDigest, facts }) => ({
      ...{ target, resources, footprint, beforeDigest, predictedDigest, facts },
    }),
  );
  // As the records hold it: an absent field is absent.
  return JSON.parse(JSON.stringify(value)) as Json;
}
