import { describe, expect, it } from '@jest/globals';
import { measurePolicy } from '../../../bench/policy.ts';

describe('the policy bench', () => {
  it('measures fresh and reused decisions at every size', async () => {
    const measures = await measurePolicy(20);

    expect(measures.map(({ policies }) => policies)).toEqual([5, 50, 500]);
    for (const { p50Us, p99Us, reusedP50Us } of measures) {
      expect(reusedP50Us).toBeGreaterThan(0);
      expect(p50Us).toBeGreaterThan(0);
      expect(p99Us).toBeGreaterThanOrEqual(p50Us);
    }
  });
});
