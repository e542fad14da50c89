import { describe, expect, it } from '@jest/globals';
import { areEqual, bytesOfHex, bytesOfText, hexOf } from '../../../core/evidence/bytes.ts';
import { base64Of, bytesOfBase64 } from '../../../core/evidence/index.ts';
import { codeOf } from './support/code-of.ts';

describe('strict base64', () => {
  it.each([
    // RFC 4648, 10.
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('has the vectors of RFC 4648: %j', (text, base64) => {
    expect(base64Of(bytesOfText(text))).toBe(base64);
    expect(new TextDecoder().decode(bytesOfBase64(base64))).toBe(text);
  });

  it('is the one of the platform for every byte and every length', () => {
    for (let length = 0; length <= 300; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + length) % 256);

      expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(areEqual(bytesOfBase64(base64Of(bytes)), bytes)).toBe(true);
    }
  });

  it.each([
    ['padding bits that are not zero', 'Zh=='],
    ['padding bits that are not zero', 'Zm9='],
    ['no padding', 'Zg'],
    ['half a padding', 'Zg='],
    ['more padding', 'Zg==='],
    ['only padding', '===='],
    ['padding within', 'Zg==Zg=='],
    ['a newline', 'Zm9v\n'],
    ['a space', 'Zm 9'],
    ['the URL alphabet', 'Z-_v'],
    ['a letter beyond Latin-1', 'Zm9\u0141'],
    ['a letter of two bytes', 'Zm9é'],
  ])('refuses %s: %j', (_, text) => {
    expect(codeOf(() => bytesOfBase64(text))).toBe('not-base64');
  });
});

describe('hex', () => {
  it('is lower case with two digits a byte, both ways', () => {
    expect(hexOf(Uint8Array.of(0, 15, 255))).toBe('000fff');
    expect(bytesOfHex('000fff')).toEqual(Uint8Array.of(0, 15, 255));
  });

  it.each(['0', 'FF', 'gg', '0x00', ' 00'])('refuses %j', (text) => {
    expect(codeOf(() => bytesOfHex(text))).toBe('not-hex');
  });
});
