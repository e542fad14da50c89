import { describe, expect, test } from '@jest/globals';
import { loadPolicies } from '../../../adapters/cedar/load.ts';
import { POLICIES_FOLDER } from '../../../cli/open.ts';
import { policySentences } from '../../../cli/policy-sentences.ts';

describe('policies in words', () => {
  test('every policy has its sentence', () => {
    const sentences = policySentences(POLICIES_FOLDER);
    const ids = loadPolicies(POLICIES_FOLDER).policies.map(({ id }) => id);

    expect(ids.length).toBeGreaterThan(10);
    expect(ids.filter((id) => (sentences.get(id) ?? '').length < 10)).toEqual([]);
  });

  test('a sentence over two lines is one', () => {
    const sentence = policySentences(POLICIES_FOLDER).get('no-step-may-widen');

    expect(sentence).toMatch(/^No step may give anybody .* under its own forbid below\.$/);
  });
});
