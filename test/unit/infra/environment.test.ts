import { describe, expect, it } from '@jest/globals';
import { resourcesOf, synthesize } from './synthesis.ts';

/** Of all variables of a function together ("Lambda quotas"). */
const BYTES_MAX = 4096;
const ACCOUNTS_MAX = 100;
const FIRST = 100_000_000_000;

describe('the variables of every function', () => {
  it('fit when as many accounts are governed as a deployment may have', () => {
    const accounts = Array.from({ length: ACCOUNTS_MAX }, (_, index) => `${FIRST + index}`);
    const { controlPlane } = synthesize({ stage: 'abcdefghijklmnop', targetAccounts: accounts });

    const sizes = resourcesOf(controlPlane, 'AWS::Lambda::Function').map(
      ([id, { Properties: own }]) =>
        [id, JSON.stringify(own['Environment'].Variables).length] as const,
    );

    expect(sizes.filter(([, size]) => size > BYTES_MAX)).toEqual([]);
  });
});
