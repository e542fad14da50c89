import type { Check } from './check.ts';
import { failed, passed, unknown } from './check.ts';
import type { SealChain } from './seal-chain.ts';

/** Whom the reader of a bundle trusts to sign. */
export interface Trust {
  /** SHA-256 of SPKI DER, hex. */
  readonly trustedKeyIds: readonly string[];
  /** Takes the bundle's word for its key: shows that it was not damaged, not who made it. */
  readonly trustEmbeddedKey?: boolean;
}

/** Whether every seal was signed by a key that the reader trusts. */
export function verifySigner(chain: SealChain, trust: Trust): Check {
  if (chain.forgery !== undefined) return failed(chain.forgery);
  if (chain.seals.length === 0) return unknown('nothing is signed');
  if (trust.trustedKeyIds.includes(chain.keyId)) {
    return passed(`signed by the trusted key ${chain.keyId}`);
  }
  if (trust.trustEmbeddedKey === true) {
    return passed(`signed by key ${chain.keyId}, trusted only because the bundle holds it`);
  }
  return unknown(`signed by key ${chain.keyId}, which is not among the trusted ones`);
}
