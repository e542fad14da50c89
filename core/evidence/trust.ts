/** Whom the reader of a bundle trusts. */
export interface Trust {
  /** SHA-256 of SPKI DER, hex: of the log's key, which is enough, or of keys that seal. */
  readonly trustedKeyIds: readonly string[];
  /** Takes the bundle's word for its keys: shows that it was not damaged, not who made it. */
  readonly trustEmbeddedKey?: boolean;
  /** A checkpoint of the log that the reader has from before: the note's text. */
  readonly checkpoint?: string;
}

/** How a key comes to be trusted; undefined when it is not. */
export function trustIn(trust: Trust, keyId: string): 'named' | 'embedded' | undefined {
  if (trust.trustedKeyIds.includes(keyId)) return 'named';
  return trust.trustEmbeddedKey === true ? 'embedded' : undefined;
}
