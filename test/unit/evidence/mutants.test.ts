import { describe, expect, it } from '@jest/globals';
import { mutants } from '../../evidence/mutants.ts';
import { verdictOf } from './support/mutations.ts';
import { say } from './support/shared-vectors.ts';

describe('the files that other verifiers are tried on', () => {
  it('are judged as they are marked', () => {
    const wrong: string[] = [];
    const counts = { honest: 0, others: 0 };
    for (const { name, bytes, trust, ok } of mutants()) {
      counts[ok ? 'honest' : 'others']++;
      if (verdictOf(bytes, trust).ok !== ok) wrong.push(name);
    }
    const total = counts.honest + counts.others;

    say(`mutant files: ${total - wrong.length} / ${total} judged as marked, ${counts.honest} ok`);
    expect(wrong).toEqual([]);
    expect(counts.honest).toBe(40);
    expect(counts.others).toBeGreaterThan(8000);
  });
});
