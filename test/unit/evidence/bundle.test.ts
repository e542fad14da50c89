import { describe, expect, it } from '@jest/globals';
import { bytesOfText, hexOf, textOfBytes } from '../../../core/evidence/bytes.ts';
import { strictBytes } from '../../../core/evidence/canonical.ts';
import type { Bundle, BundleLog } from '../../../core/evidence/index.ts';
import { bundleBytes, parseBundle } from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { codeOf } from './support/code-of.ts';
import { bundleOf } from './support/draft.ts';
import { logged } from './support/log.ts';
import { committedDraft } from './support/story.ts';

const content = bytesOfText('permit(principal, action, resource);');
const UNLOGGED = bundleOf(committedDraft());
const BUNDLE: Bundle = {
  ...logged(UNLOGGED).bundle,
  contents: { [hexOf(nodeCrypto.sha256(content))]: content },
};
const FILE = JSON.parse(textOfBytes(bundleBytes(BUNDLE)));

function fileWith(change: object): Uint8Array {
  return bytesOfText(`${textOfBytes(strictBytes({ ...FILE, ...change }))}\n`);
}

function logWith(change: object): object {
  return { log: { ...FILE.log, ...change } };
}

function without(value: object, name: string): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

describe('a bundle file', () => {
  it('comes back as it was, with and without a log and contents', () => {
    const { consistency: _, ...log } = BUNDLE.log as BundleLog;

    for (const bundle of [BUNDLE, { ...BUNDLE, log }, UNLOGGED])
      expect(parseBundle(bundleBytes(bundle))).toEqual(bundle);
  });

  it('has the same bytes for the same bundle, in whatever order it was put together', () => {
    const turned = Object.fromEntries(Object.entries(BUNDLE).reverse()) as unknown as Bundle;

    expect(bundleBytes(turned)).toEqual(bundleBytes(BUNDLE));
    expect(bundleBytes(parseBundle(bundleBytes(BUNDLE)))).toEqual(bundleBytes(BUNDLE));
  });

  it('is one line that ends', () => {
    const text = textOfBytes(bundleBytes(BUNDLE));

    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(codeOf(() => parseBundle(bytesOfText(text.trimEnd())))).toBe('record-not-canonical');
  });

  it.each([
    ['the version before', { v: 1 }, 'bundle-version'],
    ['a later version', { v: 3 }, 'bundle-version'],
    ['a version as text', { v: '2' }, 'bundle-malformed'],
    ['a stream of no kind', { streamId: 'other' }, 'bundle-malformed'],
    ['records as text', { records: 'AAAA' }, 'bundle-malformed'],
    ['a record that is no text', { records: [1] }, 'bundle-malformed'],
    ['a record that is no base64', { records: ['AAB='] }, 'not-base64'],
    ['seals as text', { seals: 'none' }, 'bundle-malformed'],
    ['a seal that is no envelope', { seals: [{}] }, 'envelope-malformed'],
    ['keys as text', { keys: 'none' }, 'bundle-malformed'],
    ['a key that is no object', { keys: ['AAAA'] }, 'bundle-malformed'],
    ['a key that is no base64', { keys: [{ publicKey: 'A' }] }, 'not-base64'],
    ['a key with one more field', { keys: [{ publicKey: '', id: '' }] }, 'bundle-malformed'],
    [
      'an entry without a proof',
      { keys: [{ publicKey: '', entry: { position: 0, statement: '' } }] },
      'bundle-malformed',
    ],
    ['contents as a list', { contents: [] }, 'bundle-malformed'],
    ['a content without a digest', { contents: { policies: 'AAAA' } }, 'bundle-malformed'],
    ['a content that is no text', { contents: { ['0'.repeat(64)]: 1 } }, 'bundle-malformed'],
    ['one more field', { note: 'x' }, 'bundle-malformed'],
    ['a log as text', { log: 'none' }, 'bundle-malformed'],
    ['a checkpoint that is no text', logWith({ checkpoint: 1 }), 'bundle-malformed'],
    ['the key of the log that is no base64', logWith({ publicKey: 'A' }), 'not-base64'],
    [
      'a position below zero',
      logWith({ seals: [{ position: -1, proof: [] }] }),
      'bundle-malformed',
    ],
    [
      'a hash of 31 bytes',
      logWith({ seals: [{ position: 0, proof: ['A'.repeat(42).padEnd(44, '=')] }] }),
      'bundle-malformed',
    ],
    [
      'more proofs than seals',
      logWith({ seals: Array(3).fill(FILE.log.seals[0]) }),
      'bundle-malformed',
    ],
    ['growth from nothing', logWith({ consistency: { size: 0, proof: [] } }), 'bundle-malformed'],
    ['one more field of the log', logWith({ note: 'x' }), 'bundle-malformed'],
  ])('is refused with %s', (_, change, code) => {
    expect(codeOf(() => parseBundle(fileWith(change)))).toBe(code);
  });

  it.each(['v', 'streamId', 'records', 'seals', 'keys', 'contents'])(
    'is refused without `%s`',
    (name) => {
      const bytes = bytesOfText(`${textOfBytes(strictBytes(without(FILE, name)))}\n`);

      expect(codeOf(() => parseBundle(bytes))).toBe('bundle-malformed');
    },
  );

  it.each(['publicKey', 'checkpoint', 'seals'])('is refused without `%s` of the log', (name) => {
    const bytes = fileWith({ log: without(FILE.log, name) });

    expect(codeOf(() => parseBundle(bytes))).toBe('bundle-malformed');
  });

  it('is refused where a key has an entry in no log', () => {
    const bytes = bytesOfText(`${textOfBytes(strictBytes(without(FILE, 'log')))}\n`);

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
