import { createHash, createPublicKey } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import type { Signer } from '../../core/ports/signer.ts';

const MESSAGE = new TextEncoder().encode('what is sealed');

/** What every signer promises. */
export function signerContract(name: string, open: () => Signer): void {
  describe(`the signer: ${name}`, () => {
    let signer: Signer;
    beforeEach(() => {
      signer = open();
    });

    it('has a P-256 key and names it by its bytes', () => {
      const { publicKey, keyId } = signer;
      const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });

      expect(key.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
      expect(keyId).toBe(createHash('sha256').update(publicKey).digest('hex'));
    });

    it.each([
      ['nothing', new Uint8Array()],
      ['a text', MESSAGE],
      ['a megabyte', new Uint8Array(1024 * 1024).fill(7)],
    ])('signs %s so that it verifies, strictly', async (_what, message) => {
      const signature = await signer.sign(message);

      expect(nodeCrypto.verifyP256(signer.publicKey, message, signature)).toBe(true);
    });

    it('signs nothing else with it', async () => {
      const signature = await signer.sign(MESSAGE);

      const others = Array.from(MESSAGE, (_, index) =>
        MESSAGE.map((byte, at) => (at === index ? byte ^ 1 : byte)),
      );

      for (const other of [...others, MESSAGE.slice(1), new Uint8Array([...MESSAGE, 0])])
        expect(nodeCrypto.verifyP256(signer.publicKey, other, signature)).toBe(false);
    });

    it('does not sign for another key', async () => {
      const signature = await signer.sign(MESSAGE);
      const { publicKey } = signer;
      const last = publicKey.length - 1;
      const bent = publicKey.map((byte, at) => (at === last ? byte ^ 1 : byte));

      expect(nodeCrypto.verifyP256(bent, MESSAGE, signature)).toBe(false);
    });

    it('signs many at once', async () => {
      const signatures = await Promise.all(Array.from({ length: 20 }, () => signer.sign(MESSAGE)));

      for (const one of signatures)
        expect(nodeCrypto.verifyP256(signer.publicKey, MESSAGE, one)).toBe(true);
    });
  });
}
