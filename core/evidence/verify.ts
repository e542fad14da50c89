import type { Crypto } from '../ports/crypto.ts';
import type { Bundle } from './bundle.ts';
import type { Check } from './check.ts';
import { unknown } from './check.ts';
import { readRecordChain } from './record-chain.ts';
import { readSealChain } from './seal-chain.ts';
import { verifyComplete } from './verify-complete.ts';
import { verifyIntegrity } from './verify-integrity.ts';
import { verifyOutcome } from './verify-outcome.ts';
import type { Trust } from './verify-signer.ts';
import { verifySigner } from './verify-signer.ts';

/** What a bundle shows. `ok` only if all four checks hold; doubt is no. */
export interface EvidenceVerdict {
  readonly ok: boolean;
  /** The records are those, and in the order, that the seals were made over. */
  readonly integrity: Check;
  /** The seals were made by a key that the reader trusts. */
  readonly signer: Check;
  /** The stream has ended and nothing is outside its last seal. */
  readonly complete: Check;
  /** The records tell one consistent story, and it ends as the seal says. */
  readonly outcome: Check;
}

/** Verifies a bundle offline. Pure; never throws for what a bundle holds. */
export function verifyBundle(crypto: Crypto, bundle: Bundle, trust: Trust): EvidenceVerdict {
  const chain = readSealChain(crypto, bundle);
  const records = readRecordChain(crypto, bundle, chain.seals);
  const integrity = verifyIntegrity(crypto, bundle, records, chain);
  const signer = verifySigner(chain, trust);
  const isJudged = integrity.ok !== false;
  const complete = isJudged ? verifyComplete(records.count, chain.seals) : NOT_JUDGED;
  const outcome = isJudged
    ? verifyOutcome(crypto, bundle.streamId, records.records, chain.seals)
    : NOT_JUDGED;
  const ok = [integrity, signer, complete, outcome].every((check) => check.ok === true);
  return { ok, integrity, signer, complete, outcome };
}

const NOT_JUDGED = unknown('not judged: the integrity check failed');
