import type { Crypto } from '../ports/crypto.ts';
import type { Bundle } from './bundle.ts';
import type { Check } from './check.ts';
import { unknown } from './check.ts';
import { readLogChain } from './log-chain.ts';
import { readRecordChain } from './record-chain.ts';
import { readSealChain } from './seal-chain.ts';
import type { Trust } from './trust.ts';
import { verifyComplete } from './verify-complete.ts';
import { verifyIntegrity } from './verify-integrity.ts';
import { verifyOutcome } from './verify-outcome.ts';
import { verifySigner } from './verify-signer.ts';

/** What a bundle shows. `ok` only if all four checks hold; doubt is no. */
export interface EvidenceVerdict {
  readonly ok: boolean;
  /** The records are those, and in the order, that the seals were made over. */
  readonly integrity: Check;
  /** The seals were made by keys that the reader trusts, or a log that the reader trusts. */
  readonly signer: Check;
  /** The stream has ended, nothing is outside its last seal, and a trusted log holds that. */
  readonly complete: Check;
  /** The records tell one consistent story, and it ends as the seal says. */
  readonly outcome: Check;
}

/** Verifies a bundle offline. Pure; never throws for what a bundle holds. */
export function verifyBundle(crypto: Crypto, bundle: Bundle, trust: Trust): EvidenceVerdict {
  const chain = readSealChain(crypto, bundle);
  const records = readRecordChain(crypto, bundle, chain.seals);
  const integrity = verifyIntegrity(crypto, bundle, records, chain);
  const log = readLogChain(crypto, bundle, chain);
  const signer = verifySigner(chain, log, trust);
  const isJudged = integrity.ok !== false;
  const complete = isJudged
    ? verifyComplete(crypto, records.count, chain.seals, log, trust)
    : NOT_JUDGED;
  const outcome = isJudged
    ? verifyOutcome(crypto, bundle.streamId, records.records, chain.seals)
    : NOT_JUDGED;
  const ok = [integrity, signer, complete, outcome].every((check) => check.ok === true);
  return { ok, integrity, signer, complete, outcome };
}

const NOT_JUDGED = unknown('not judged: the integrity check failed');
