import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { bytesOfHex, bytesOfText } from '../../../core/evidence/bytes.ts';
import { openEnvelope, preAuthEncoding } from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { isStrictSignature } from '../../../core/evidence/p256.ts';
import { derOf } from './support/der.ts';
import { makeKey, malleate } from './support/key.ts';
import { say, sharedVectors } from './support/shared-vectors.ts';

interface Vector {
  readonly desc: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  readonly isValid: boolean;
}

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly publicKeyDer: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: 'valid' | 'invalid' | 'acceptable';
    }[];
  }[];
}

const VECTORS: readonly Vector[] = JSON.parse(readFileSync('test/vectors/ecdsa.json', 'utf8'));

function verify(publicKey: string, message: string, signature: string): boolean {
  return nodeCrypto.verifyP256(bytesOfHex(publicKey), bytesOfHex(message), bytesOfHex(signature));
}

describe('the encoding of a signature', () => {
  it.each([
    ['the shortest', '3006020101020101', true],
    ['a zero before a sign bit', '30080202008002020080', true],
    ['the longest', `3046022100${'ff'.repeat(32)}022100${'ff'.repeat(32)}`, true],
    ['nothing', '', false],
    ['another tag', '3106020101020101', false],
    ['a length that is too short', '3005020101020101', false],
    ['a byte after the sequence', '300602010102010100', false],
    ['a byte after s', '300702010102010100', false],
    ['a length in the long form', '308106020101020101', false],
    ['only r', '3003020101', false],
    ['three integers', '3009020101020101020101', false],
    ['another type for r', '3006030101020101', false],
    ['another type for s', '3006020101030101', false],
    ['an integer of no bytes', '30050200020101', false],
    ['an integer beyond the end', '3006020101020201', false],
    ['a negative r', '3006020180020101', false],
    ['a negative s', '3006020101020180', false],
    ['a needless zero', '300702020001020101', false],
    ['an integer of 34 bytes', `302702220${'1'.repeat(67)}020101`, false],
    [
      'more than two of 33 bytes',
      `3049${'022300'}${'ff'.repeat(34)}${'0222'}${'7f'.repeat(34)}`,
      false,
    ],
  ])('is strict about %s', (_, der, isStrict) => {
    expect(isStrictSignature(bytesOfHex(der))).toBe(isStrict);
  });
});

describe('the verification of a signature', () => {
  it.each(VECTORS)('judges $desc', ({ publicKey, message, signature, isValid }) => {
    expect(verify(publicKey, message, signature)).toBe(isValid);
  });

  it('judges the shared Wycheproof vectors in DER as told', () => {
    let count = 0;
    for (const { path, bytes } of sharedVectors('ecdsa')) {
      if (path.includes('p1363')) continue;
      const file: WycheproofFile = JSON.parse(bytes.toString('utf8'));
      for (const { publicKeyDer, tests } of file.testGroups) {
        for (const { tcId, msg, sig, result } of tests) {
          const answer = verify(publicKeyDer, msg, sig);
          expect(`${tcId}: ${answer}`).toBe(`${tcId}: ${result === 'valid'}`);
          count++;
        }
      }
    }
    say(`ecdsa vectors in DER: ${count} ran`);
  });

  it('refuses the shared Wycheproof vectors in P1363, and judges them as told once in DER', () => {
    let [count, odd] = [0, 0];
    for (const { path, bytes } of sharedVectors('ecdsa')) {
      if (!path.includes('p1363')) continue;
      const file: WycheproofFile = JSON.parse(bytes.toString('utf8'));
      for (const { publicKeyDer, tests } of file.testGroups) {
        for (const { tcId, msg, sig, result } of tests) {
          expect(`${tcId}: ${verify(publicKeyDer, msg, sig)}`).toBe(`${tcId}: false`);
          count++;
          if (sig.length !== 128) {
            // No two halves of 32 bytes: it has no form in DER, and none of them is valid.
            expect(`${tcId}: ${result}`).toBe(`${tcId}: invalid`);
            odd++;
            continue;
          }
          const answer = verify(publicKeyDer, msg, derOf(sig));
          expect(`${tcId}: ${answer}`).toBe(`${tcId}: ${result === 'valid'}`);
        }
      }
    }
    say(`ecdsa vectors in P1363: ${count} ran, ${odd} of another length`);
  });

  it('is false, and no error, for a key that is malformed or not on the curve', () => {
    const { spki, seal } = makeKey();
    const statement = bytesOfText('{}');
    const { signature } = openEnvelope(seal(statement));
    const message = preAuthEncoding(statement);
    const compressed = bytesOfHex('3039301306072a8648ce3d020106082a8648ce3d030107032200');
    const keys = [
      new Uint8Array(0),
      spki.slice(1),
      Uint8Array.from([...spki, 0]),
      spki.with(spki.length - 1, (spki.at(-1) ?? 0) ^ 1),
      spki.with(26, 0x02),
      Uint8Array.from([...compressed, 0x02, ...spki.slice(27, 59)]),
      new Uint8Array(spki.length),
    ];

    expect(nodeCrypto.verifyP256(spki, message, signature)).toBe(true);
    for (const key of keys) expect(nodeCrypto.verifyP256(key, message, signature)).toBe(false);
  });

  it('takes the twin (r, n - s) of a signature: evidence does not rest on its bytes', () => {
    const { spki, seal } = makeKey();
    const statement = bytesOfText('{}');
    const { signature } = openEnvelope(seal(statement));

    const twin = malleate(signature);

    expect(twin).not.toEqual(signature);
    expect(nodeCrypto.verifyP256(spki, preAuthEncoding(statement), twin)).toBe(true);
    expect(malleate(twin)).toEqual(signature);
  });
});
