import { describe, expect, it } from '@jest/globals';
import { base64Of } from '../../../core/evidence/base64.ts';
import { bytesOfText, textOfBytes } from '../../../core/evidence/bytes.ts';
import { parseStrict, strictBytes } from '../../../core/evidence/canonical.ts';
import { keyStatement, parseKeyStatement } from '../../../core/evidence/log-entry.ts';
import { codeOf } from './support/code-of.ts';
import { makeKey } from './support/key.ts';
import { changedValues } from './support/value-mutations.ts';

const { keyId, spki: publicKey } = makeKey();
const FIRST = { keyId, publicKey, at: '2026-11-25T03:00:00.000Z' };
const SECOND = { ...FIRST, replaces: '0'.repeat(64) };

interface Statement {
  readonly subject: readonly object[];
  readonly predicate: object;
}

function changed(change: (statement: Statement) => object): string {
  const statement = parseStrict(keyStatement(SECOND)) as Statement;
  return codeOf(() => parseKeyStatement(strictBytes(change(statement))));
}

describe('the entry of a key', () => {
  it('comes back as it was, with and without a key before it', () => {
    expect(parseKeyStatement(keyStatement(FIRST))).toEqual(FIRST);
    expect(parseKeyStatement(keyStatement(SECOND))).toEqual(SECOND);
  });

  it('is a statement whose subject is the key', () => {
    expect(parseStrict(keyStatement(FIRST))).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: `key:${keyId}`, digest: { sha256: keyId } }],
      predicateType: 'https://interlock.dev/evidence/key/v1',
      predicate: { v: 1, keyId, publicKey: base64Of(publicKey), at: FIRST.at },
    });
  });

  it.each([
    ['a later version', { v: 2 }, 'key-version'],
    ['a version as text', { v: '1' }, 'key-malformed'],
    ['another id than the subject', { keyId: '1'.repeat(64) }, 'key-malformed'],
    ['a key that is not base64', { publicKey: 'A' }, 'not-base64'],
    ['a key that is not P-256', { publicKey: 'AAAA' }, 'key-malformed'],
    ['a key that is no text', { publicKey: 1 }, 'key-malformed'],
    ['a time without milliseconds', { at: '2026-11-25T03:00:00Z' }, 'key-malformed'],
    ['itself as the key before it', { replaces: keyId }, 'key-malformed'],
    ['a key before it that is no digest', { replaces: 'none' }, 'key-malformed'],
    ['one more field', { note: 'x' }, 'key-malformed'],
  ])('is refused with %s', (_, change, code) => {
    expect(changed((one) => ({ ...one, predicate: { ...one.predicate, ...change } }))).toBe(code);
  });

  it('is refused with two subjects, or none', () => {
    expect(changed((one) => ({ ...one, subject: [...one.subject, ...one.subject] }))).toBe(
      'key-malformed',
    );
    expect(changed((one) => ({ ...one, subject: [] }))).toBe('key-malformed');
  });

  it('is never read as the same when any value of it is another', () => {
    for (const { name, value } of changedValues(parseStrict(keyStatement(SECOND)))) {
      const bytes = strictBytes(value);
      const code = codeOf(() => {
        expect(parseKeyStatement(bytes)).not.toEqual(SECOND);
      });
      // Only what a statement may say otherwise is read: the time, and the key before it.
      const isReadable = /^\.predicate\.(?:at|replaces) /.test(name);
      if (!isReadable) expect(`${name}: ${code}`).not.toBe(`${name}: none`);
    }
  });

  it('is refused in another spelling, and above the bound', () => {
    const text = textOfBytes(keyStatement(FIRST));

    expect(codeOf(() => parseKeyStatement(bytesOfText(`${text} `)))).toBe('record-not-canonical');
    expect(codeOf(() => parseKeyStatement(new Uint8Array(4097)))).toBe('key-malformed');
  });

  it.each([
    ['a time of another form', { ...FIRST, at: 'now' }],
    ['an id that is no digest', { ...FIRST, keyId: 'key' }],
    ['a key of another curve', { ...FIRST, publicKey: publicKey.slice(1) }],
    ['itself before it', { ...FIRST, replaces: keyId }],
  ])('is not written with %s', (_, entry) => {
    expect(codeOf(() => keyStatement(entry))).toBe('key-malformed');
  });
});
