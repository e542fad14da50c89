import { describe, expect, it } from '@jest/globals';
import { loadPolicies } from '../../../adapters/cedar/load.ts';
import type { AffectedPrincipal } from '../../../core/action.ts';
import type { ProtectionData } from '../../../core/ports/decision-point.ts';
import { protectedAffected } from '../../../core/protection.ts';

const { protection } = loadPolicies('policies');
const PLAIN = { arn: 'arn:aws:iam::111122223333:role/reader', path: '/app/', tags: {} };

type Row = readonly [string, AffectedPrincipal, ProtectionData];

// Each entry with a principal that it alone protects, and the list without it.
const ROWS: readonly Row[] = [
  ...protection.paths.map(
    (path): Row => [
      path,
      { ...PLAIN, path: `${path}below/` },
      { ...protection, paths: protection.paths.filter((other) => other !== path) },
    ],
  ),
  ...protection.tags.map(
    (tag): Row => [
      tag.key,
      { ...PLAIN, tags: { [tag.key]: tag.values?.[0] ?? 'anything' } },
      { ...protection, tags: protection.tags.filter((other) => other !== tag) },
    ],
  ),
  ...protection.arnPatterns.map(
    (pattern): Row => [
      pattern,
      { ...PLAIN, arn: pattern.replaceAll('*', 'x') },
      { ...protection, arnPatterns: protection.arnPatterns.filter((one) => one !== pattern) },
    ],
  ),
];

describe('the shipped protection list', () => {
  it.each(ROWS)('protects by %s what nothing else does', (_entry, principal, without) => {
    expect(protectedAffected([principal], protection)).toBe(1);
    expect(protectedAffected([principal], without)).toBe(0);
  });

  it('leaves an ordinary principal alone', () => {
    expect(ROWS.length).toBeGreaterThan(10);
    expect(protectedAffected([PLAIN], protection)).toBe(0);
  });
});
