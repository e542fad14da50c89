import { describe, expect, it } from '@jest/globals';
import { functionOf } from './guards.ts';
import { synthesize } from './synthesis.ts';

const { controlPlane } = synthesize();
const ofEntry = (entry: string) => functionOf(controlPlane, entry)[1].Properties;

describe('a dry run', () => {
  it('is answered within the time of API Gateway, without waiting until reads are settled', () => {
    const { Timeout: seconds, Environment: environment } = ofEntry('dry-run');

    expect(seconds).toBeLessThanOrEqual(29);
    expect(environment.Variables.SETTLE_MS).toBe('0');
  });

  it('is the only one that does not wait', () => {
    const settles = ['preflight', 'authorize', 'execute', 'verify', 'compensate'].map(
      (entry) => ofEntry(entry)['Environment'].Variables.SETTLE_MS,
    );

    expect(new Set(settles)).toEqual(new Set(['15000']));
  });
});
