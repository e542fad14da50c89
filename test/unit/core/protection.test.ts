import { describe, expect, it } from '@jest/globals';
import type { AffectedPrincipal } from '../../../core/action.ts';
import type { ProtectionData } from '../../../core/ports/decision-point.ts';
import { matchesPattern, protectedAffected } from '../../../core/protection.ts';

const NOTHING: ProtectionData = { paths: [], tags: [], arnPatterns: [] };
const PLAIN: AffectedPrincipal = { arn: 'arn:aws:iam::1:role/app/x', path: '/app/', tags: {} };

function isProtected(change: Partial<AffectedPrincipal>, by: Partial<ProtectionData>): boolean {
  return protectedAffected([{ ...PLAIN, ...change }], { ...NOTHING, ...by }) === 1;
}

describe('a principal is protected', () => {
  it.each<[string, Partial<AffectedPrincipal>, Partial<ProtectionData>]>([
    ['by its path', { path: '/break-glass/' }, { paths: ['/break-glass/'] }],
    ['by a path above its own', { path: '/break-glass/eu/' }, { paths: ['/break-glass/'] }],
    ['by its path in other case', { path: '/Break-Glass/' }, { paths: ['/break-GLASS/'] }],
    ['by a tag of any value', { tags: { bg: '' } }, { tags: [{ key: 'bg' }] }],
    ['by a tag in other case', { tags: { BG: 'YES' } }, { tags: [{ key: 'bg', values: ['yes'] }] }],
    ['by one of its tags', { tags: { a: '1', bg: 'x' } }, { tags: [{ key: 'c' }, { key: 'bg' }] }],
    ['by its ARN', {}, { arnPatterns: ['arn:aws:iam::1:role/app/x'] }],
    ['by a pattern of its ARN', {}, { arnPatterns: ['arn:*:iam::*:ROLE/*/?'] }],
  ])('%s', (_how, change, by) => {
    expect(isProtected(change, by)).toBe(true);
  });

  it.each<[string, Partial<AffectedPrincipal>, Partial<ProtectionData>]>([
    ['where nothing is', {}, {}],
    ['by a path that its own only resembles', { path: '/breaks/' }, { paths: ['/break/'] }],
    ['by a path inside its own', { path: '/a/break/' }, { paths: ['/break/'] }],
    [
      'by a tag of another value',
      { tags: { bg: 'no' } },
      { tags: [{ key: 'bg', values: ['yes'] }] },
    ],
    ['by a tag that it does not bear', { tags: { other: 'yes' } }, { tags: [{ key: 'bg' }] }],
    ['by a part of its ARN', {}, { arnPatterns: ['role/app/x', 'arn:aws:iam::1:role/app/'] }],
  ])('not %s', (_how, change, by) => {
    expect(isProtected(change, by)).toBe(false);
  });

  it('once, however many rules protect it', () => {
    const by = { paths: ['/app/'], tags: [{ key: 't' }], arnPatterns: ['*', 'arn:*'] };

    const count = protectedAffected([{ ...PLAIN, tags: { t: '' } }, PLAIN], by);

    expect(count).toBe(2);
  });
});

describe('a pattern', () => {
  it.each([
    ['', '', true],
    ['', '*', true],
    ['', '?', false],
    ['abc', 'a*c', true],
    ['ac', 'a*c', true],
    ['abcbc', 'a*bc', true],
    ['abcb', 'a*bc', false],
    ['abc', 'a?c', true],
    ['ac', 'a?c', false],
    ['abc', 'abc**', true],
    ['a.c', 'a.c', true],
    ['abc', 'a.c', false],
    ['a(b', 'a(b', true],
  ])('matches %p with %p: %p', (text, pattern, matches) => {
    expect(matchesPattern(text, pattern)).toBe(matches);
  });

  // Tried in every way that the stars allow, this would not end.
  it('of many stars ends on a text that never matches', () => {
    const text = 'a'.repeat(2048);

    const matches = matchesPattern(text, `${'*a'.repeat(500)}*b`);

    expect(matches).toBe(false);
  });
});
