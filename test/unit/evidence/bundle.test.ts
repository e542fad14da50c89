import { describe, expect, it } from '@jest/globals';
import { bytesOfText, hexOf, textOfBytes } from '../../../core/evidence/bytes.ts';
import { strictBytes } from '../../../core/evidence/canonical.ts';
import { bundleBytes, nodeCrypto, parseBundle } from '../../../core/evidence/index.ts';
import { codeOf } from './support/code-of.ts';
import { bundleOf } from './support/draft.ts';
import { committedDraft } from './support/story.ts';

const content = bytesOfText('permit(principal, action, resource);');
const BUNDLE = {
  ...bundleOf(committedDraft()),
  decisions: { [hexOf(nodeCrypto.sha256(content))]: content },
};
const FILE = JSON.parse(textOfBytes(bundleBytes(BUNDLE)));

function fileWith(change: object): Uint8Array {
  return bytesOfText(`${textOfBytes(strictBytes({ ...FILE, ...change }))}\n`);
}

describe('a bundle file', () => {
  it('comes back as it was, with and without contents', () => {
    const { decisions, ...without } = BUNDLE;

    expect(parseBundle(bundleBytes(BUNDLE))).toEqual(BUNDLE);
    expect(parseBundle(bundleBytes(without))).toEqual(without);
  });

  it('is one line that ends', () => {
    const text = textOfBytes(bundleBytes(BUNDLE));

    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(codeOf(() => parseBundle(bytesOfText(text.trimEnd())))).toBe('record-not-canonical');
  });

  it.each([
    ['a later version', { v: 2 }, 'bundle-version'],
    ['a version as text', { v: '1' }, 'bundle-malformed'],
    ['a stream of no kind', { streamId: 'other' }, 'bundle-malformed'],
    ['records as text', { records: 'AAAA' }, 'bundle-malformed'],
    ['a record that is no text', { records: [1] }, 'bundle-malformed'],
    ['a record that is no base64', { records: ['AAB='] }, 'not-base64'],
    ['seals as text', { seals: 'none' }, 'bundle-malformed'],
    ['a seal that is no envelope', { seals: [{}] }, 'envelope-malformed'],
    ['a key that is no base64', { publicKey: 'A' }, 'not-base64'],
    ['a content without a digest', { decisions: { policies: 'AAAA' } }, 'bundle-malformed'],
    ['one more field', { note: 'x' }, 'bundle-malformed'],
  ])('is refused with %s', (_, change, code) => {
    expect(codeOf(() => parseBundle(fileWith(change)))).toBe(code);
  });

  it.each(['v', 'streamId', 'records', 'seals', 'publicKey'])('is refused without `%s`', (name) => {
    const fields = Object.entries(FILE).filter(([key]) => key !== name);
    const bytes = bytesOfText(`${textOfBytes(strictBytes(Object.fromEntries(fields)))}\n`);

    expect(codeOf(() => parseBundle(bytes))).toBe('bundle-malformed');
  });

  it.each(['', '\n', '{\n', 'null\n', '1\n', '[]\n', '"text"\n'])('is not %j', (text) => {
    expect(codeOf(() => parseBundle(bytesOfText(text)))).not.toBe('none');
  });

  it('is refused when it was cut anywhere', () => {
    const bytes = bundleBytes(BUNDLE);
    for (let size = 0; size < bytes.length; size += 997) {
      expect(codeOf(() => parseBundle(bytes.slice(0, size)))).toBe('not-json');
    }
  });
});
