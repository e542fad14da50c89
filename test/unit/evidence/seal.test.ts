import { describe, expect, it } from '@jest/globals';
import { bytesOfText, hexOf, textOfBytes } from '../../../core/evidence/bytes.ts';
import { strictBytes } from '../../../core/evidence/canonical.ts';
import type { Seal } from '../../../core/evidence/index.ts';
import {
  envelopeText,
  openEnvelope,
  parseEnvelope,
  parseSeal,
  preAuthEncoding,
  sealDigest,
  sealEnvelope,
  sealStatement,
} from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { codeOf } from './support/code-of.ts';

const SEAL: Seal = {
  v: 1,
  streamId: 'tx:01',
  treeSize: 3,
  root: 'a'.repeat(64),
  status: 'committed',
  final: true,
  previousSeal: 'b'.repeat(64),
  at: '2026-11-25T03:00:00.000Z',
};
const STATEMENT = JSON.parse(textOfBytes(sealStatement(SEAL)));
const ENVELOPE = sealEnvelope({
  statement: sealStatement(SEAL),
  keyId: 'c'.repeat(64),
  signature: Uint8Array.of(1, 2),
});

describe('a seal', () => {
  it('comes back from its statement as it was', () => {
    const { previousSeal, ...first } = SEAL;

    expect(parseSeal(sealStatement(SEAL))).toEqual(SEAL);
    expect(parseSeal(sealStatement(first))).toEqual(first);
  });

  it.each([
    ['a version as text', { v: '1' }],
    ['no records', { treeSize: 0 }],
    ['part of a record', { treeSize: 1.5 }],
    ['a root in capitals', { root: 'A'.repeat(64) }],
    ['an unknown status', { status: 'done' }],
    ['a final status that is not final', { final: false }],
    ['an open status that is final', { status: 'running' }],
    ['a status of other streams', { status: 'closed' }],
    ['a status of transactions', { streamId: 'control:2026-11-25' }],
    ['a stream that has no name', { streamId: 'tx:' }],
    ['a broken link', { previousSeal: '' }],
    ['a time without milliseconds', { at: '2026-11-25T03:00:00Z' }],
    ['one more field', { note: 'x' }],
  ])('is neither written nor read with %s', (_, change) => {
    const seal = { ...SEAL, ...change } as Seal;
    const subject = [{ name: seal.streamId, digest: { sha256: seal.root } }];
    const statement = { ...STATEMENT, subject, predicate: seal };

    expect(codeOf(() => sealStatement(seal))).toBe('seal-malformed');
    expect(['seal-malformed', 'record-not-canonical']).toContain(
      codeOf(() => parseSeal(bytesOfText(JSON.stringify(statement)))),
    );
    expect(codeOf(() => parseSeal(strictBytes({ ...statement, predicate: SEAL })))).toBe(
      seal.streamId === SEAL.streamId && seal.root === SEAL.root ? 'none' : 'seal-malformed',
    );
  });

  it.each([
    ['another type', { _type: 'https://in-toto.io/Statement/v0.1' }],
    ['another predicate', { predicateType: 'https://slsa.dev/provenance/v1' }],
    ['no subject', { subject: [] }],
    ['more in the subject', { subject: [{ ...STATEMENT.subject[0], note: 'x' }] }],
    [
      'more in the digest',
      { subject: [{ name: 'tx:01', digest: { sha256: SEAL.root, sha512: 'x' } }] },
    ],
    ['two subjects', { subject: [STATEMENT.subject[0], STATEMENT.subject[0]] }],
    ['another subject', { subject: [{ ...STATEMENT.subject[0], name: 'tx:02' }] }],
    ['another digest', { subject: [{ name: 'tx:01', digest: { sha256: 'd'.repeat(64) } }] }],
    ['one more field', { note: 'x' }],
    ['no predicate', { predicate: 'x' }],
  ])('is not read from a statement with %s', (_, change) => {
    const statement = strictBytes({ ...STATEMENT, ...change });

    expect(codeOf(() => parseSeal(statement))).toBe('seal-malformed');
  });

  it('is not read in a later version, another spelling or beyond the bound', () => {
    const later = strictBytes({ ...STATEMENT, predicate: { ...SEAL, v: 2 } });
    const spaced = bytesOfText(JSON.stringify(STATEMENT, null, 1));
    const large = strictBytes({ ...STATEMENT, note: 'x'.repeat(4096) });

    expect(codeOf(() => parseSeal(later))).toBe('seal-version');
    expect(codeOf(() => parseSeal(spaced))).toBe('record-not-canonical');
    expect(codeOf(() => parseSeal(large))).toBe('seal-malformed');
  });

  it('is named by the digest of its statement', () => {
    const statement = sealStatement(SEAL);

    expect(sealDigest(nodeCrypto, statement)).toBe(hexOf(nodeCrypto.sha256(statement)));
  });
});

describe('an envelope', () => {
  it('signs the pre-authentication encoding of DSSE', () => {
    // The example of the DSSE protocol, v1.0.2.
    const encoded = preAuthEncoding(bytesOfText('hello world'), 'http://example.com/HelloWorld');

    expect(textOfBytes(encoded)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('comes back from its text as it was', () => {
    expect(parseEnvelope(envelopeText(ENVELOPE))).toEqual(ENVELOPE);
    expect(openEnvelope(ENVELOPE).signature).toEqual(Uint8Array.of(1, 2));
    expect(parseSeal(openEnvelope(ENVELOPE).statement)).toEqual(SEAL);
  });

  it.each([
    ['another payload type', { payloadType: 'text/plain' }, 'envelope-malformed'],
    ['no signature', { signatures: [] }, 'envelope-malformed'],
    [
      'two signatures',
      { signatures: [ENVELOPE.signatures[0], ENVELOPE.signatures[0]] },
      'envelope-malformed',
    ],
    ['a nameless key', { signatures: [{ sig: 'AQI=' }] }, 'envelope-malformed'],
    [
      'a key that is no digest',
      { signatures: [{ keyid: 'key', sig: 'AQI=' }] },
      'envelope-malformed',
    ],
    ['one more field', { note: 'x' }, 'envelope-malformed'],
    [
      'one more field in the signature',
      { signatures: [{ ...ENVELOPE.signatures[0], cert: 'x' }] },
      'envelope-malformed',
    ],
    [
      'padding bits in the signature',
      { signatures: [{ keyid: 'c'.repeat(64), sig: 'AQJ=' }] },
      'not-base64',
    ],
    ['a payload without padding', { payload: 'e30' }, 'not-base64'],
  ])('is refused with %s', (_, change, code) => {
    const envelope = { ...ENVELOPE, ...change };

    expect(codeOf(() => openEnvelope(envelope))).toBe(code);
    expect(
      codeOf(() => parseEnvelope(JSON.stringify(envelope, Object.keys(envelope).sort()))),
    ).not.toBe('none');
  });

  it('is refused as anything but an object, and in another spelling', () => {
    for (const value of [null, 'text', [], 1]) {
      expect(codeOf(() => openEnvelope(value))).toBe('envelope-malformed');
    }
    expect(codeOf(() => parseEnvelope(` ${envelopeText(ENVELOPE)}`))).toBe('record-not-canonical');
  });
});
