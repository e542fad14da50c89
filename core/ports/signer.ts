/** The one key that seals evidence. */
export interface Signer {
  /** Hex SHA-256 of the key's SPKI bytes. */
  readonly keyId: string;
  /** SPKI, DER. */
  readonly publicKey: Uint8Array;
  /** ECDSA P-256 with SHA-256 over the message, DER. Throws `TransientError` when out of reach. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}
