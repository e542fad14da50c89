import { EvidenceError } from '../errors.ts';
import type { Json } from '../json.ts';
import { hexOf } from './bytes.ts';
import { strictBytes } from './canonical.ts';
import type { Hasher } from './merkle.ts';

/** The record that breaks a rule. */
export interface Place {
  readonly seq: number;
}

/** Throws `EvidenceError` (`evidence-inconsistent`) naming the record unless the rule holds. */
export function demand(holds: boolean, place: Place, problem: string): asserts holds {
  if (!holds) {
    throw new EvidenceError('evidence-inconsistent', `record ${place.seq}: ${problem}`);
  }
}

/** Requires that a digest is the one of its value: SHA-256 of the RFC 8785 bytes, hex. */
export function demandDigest(
  hasher: Hasher,
  place: Place,
  name: string,
  claim: { readonly value: Json; readonly digest: string },
): void {
  const digest = hexOf(hasher.sha256(strictBytes(claim.value)));
  demand(digest === claim.digest, place, `the digest of \`${name}\` is another`);
}
