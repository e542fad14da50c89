/** The two primitives that evidence stands on; synchronous, pure, safe to repeat. */
export interface Crypto {
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /**
   * ECDSA over P-256 with SHA-256. True only for a signature in strict DER by exactly this key;
   * false, never an error, for a malformed key or signature.
   */
  verifyP256(publicKeySpkiDer: Uint8Array, message: Uint8Array, signatureDer: Uint8Array): boolean;
}
