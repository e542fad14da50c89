import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { base64Of } from '../../../core/evidence/base64.ts';
import { bytesOfHex, bytesOfText, hexOf } from '../../../core/evidence/bytes.ts';
import {
  checkpointText,
  logOrigin,
  NOTE_LENGTH_MAX,
  openCheckpoint,
  signedCheckpoint,
} from '../../../core/evidence/checkpoint.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { codeOf } from './support/code-of.ts';
import { malleate } from './support/key.ts';
import { say } from './support/shared-vectors.ts';

interface Vector {
  readonly desc: string;
  readonly note: string;
  /** Of a note that must be refused. */
  readonly code?: string;
  readonly size?: number;
  readonly root?: string;
}

const FILE: {
  readonly publicKey: string;
  readonly origin: string;
  readonly vectors: readonly Vector[];
} = JSON.parse(readFileSync('test/vectors/checkpoint.json', 'utf8'));
const PUBLIC_KEY = bytesOfHex(FILE.publicKey);

describe('our own vectors of C2SP signed-note and tlog-checkpoint', () => {
  it.each(FILE.vectors)('$desc', ({ note, code, size, root }) => {
    if (code !== undefined) {
      expect(codeOf(() => openCheckpoint(nodeCrypto, note, PUBLIC_KEY))).toBe(code);
      return;
    }

    const checkpoint = openCheckpoint(nodeCrypto, note, PUBLIC_KEY);

    expect(checkpoint.origin).toBe(FILE.origin);
    expect(checkpoint.size).toBe(size);
    expect(base64Of(checkpoint.root)).toBe(root);
  });

  it('are many, most of which must fail', () => {
    const refused = FILE.vectors.filter(({ code }) => code !== undefined).length;
    say(`checkpoint vectors: ${FILE.vectors.length} ran, ${refused} refused as they must`);

    expect(FILE.vectors.length).toBe(80);
    expect(refused).toBe(70);
  });
});

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const SPKI = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
const KEY_ID = hexOf(nodeCrypto.sha256(SPKI));
const CHECKPOINT = {
  origin: logOrigin(KEY_ID),
  size: 7,
  root: nodeCrypto.sha256(bytesOfText('root')),
};

function signatureOf(text: string): Uint8Array {
  return new Uint8Array(sign('sha256', bytesOfText(text), privateKey));
}

function noteOf(signature = signatureOf(checkpointText(CHECKPOINT))): string {
  return signedCheckpoint(CHECKPOINT, { publicKey: SPKI, keyId: KEY_ID, signature });
}

describe('a checkpoint', () => {
  it('comes back from its note', () => {
    expect(openCheckpoint(nodeCrypto, noteOf(), SPKI)).toEqual(CHECKPOINT);
  });

  it('names the log after its key', () => {
    expect(CHECKPOINT.origin).toBe(`interlock.dev/log/${KEY_ID.slice(0, 16)}`);
    expect(noteOf()).toContain(`\n\n\u2014 ${CHECKPOINT.origin} `);
  });

  it('is refused with any bit of any byte flipped', () => {
    const bytes = bytesOfText(noteOf());
    const survivors: string[] = [];
    for (const at of bytes.keys()) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = bytes.with(at, (bytes[at] ?? 0) ^ (1 << bit));
        const code = codeOf(() =>
          openCheckpoint(nodeCrypto, new TextDecoder().decode(flipped), SPKI),
        );
        if (code === 'none') survivors.push(`bit ${bit} of byte ${at}`);
      }
    }

    expect(survivors).toEqual([]);
    expect(bytes.length).toBeGreaterThan(200);
  });

  it('is refused when it was cut anywhere', () => {
    const note = noteOf();
    for (let length = 0; length < note.length; length++) {
      const code = codeOf(() => openCheckpoint(nodeCrypto, note.slice(0, length), SPKI));
      expect(`${length}: ${code}`).toBe(`${length}: checkpoint-malformed`);
    }
  });

  it('is refused above the bound of its length', () => {
    const long = `${noteOf()}\u2014 witness.example ${'AAAA'.repeat(NOTE_LENGTH_MAX / 4)}\n`;

    expect(codeOf(() => openCheckpoint(nodeCrypto, long, SPKI))).toBe('checkpoint-malformed');
  });

  it('may carry the twin of an ECDSA signature', () => {
    const twin = malleate(signatureOf(checkpointText(CHECKPOINT)));

    expect(openCheckpoint(nodeCrypto, noteOf(twin), SPKI)).toEqual(CHECKPOINT);
  });

  it('is refused with a key that is not one of P-256', () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
    const spki = new Uint8Array(p384.export({ format: 'der', type: 'spki' }));

    expect(codeOf(() => openCheckpoint(nodeCrypto, noteOf(), spki))).toBe('checkpoint-signature');
  });

  it.each([
    ['another origin', { ...CHECKPOINT, origin: 'interlock.dev/log/0000000000000000' }, {}],
    ['a size that is no integer', { ...CHECKPOINT, size: 1.5 }, {}],
    ['a negative size', { ...CHECKPOINT, size: -1 }, {}],
    ['a size above 2^53', { ...CHECKPOINT, size: 2 ** 53 }, {}],
    ['a root of 31 bytes', { ...CHECKPOINT, root: new Uint8Array(31) }, {}],
    ['a signature that is not DER', CHECKPOINT, { signature: new Uint8Array(64) }],
    ['a key that is not P-256', CHECKPOINT, { publicKey: new Uint8Array(91) }],
  ])('is not written with %s', (_, checkpoint, change) => {
    const signed = { publicKey: SPKI, keyId: KEY_ID, signature: signatureOf('any'), ...change };

    expect(codeOf(() => signedCheckpoint(checkpoint, signed))).toBe('checkpoint-malformed');
  });
});
