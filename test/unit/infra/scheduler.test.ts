import { describe, expect, it } from '@jest/globals';
import { resourcesOf, synthesize } from './synthesis.ts';

const { controlPlane } = synthesize();

describe('the role of the scheduler', () => {
  const starters = resourcesOf(controlPlane, 'AWS::IAM::Role').filter(([, { Properties: own }]) =>
    JSON.stringify(own['AssumeRolePolicyDocument']).includes('scheduler.amazonaws.com'),
  );

  it('is assumed for schedules of its own account alone', () => {
    const conditions = starters.map(
      ([, { Properties: own }]) => own['AssumeRolePolicyDocument'].Statement[0].Condition,
    );

    expect(conditions).toEqual([
      { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    ]);
  });
});
