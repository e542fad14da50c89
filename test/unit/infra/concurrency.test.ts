import { describe, expect, it } from '@jest/globals';
import { SSM_READS_PER_SECOND } from '../../../infra/reserved-concurrency.ts';
import { rolesThatMay } from './grants.ts';
import { functionOf, type Guard, roleOf } from './guards.ts';
import { resourcesOf, synthesize, type Template } from './synthesis.ts';

const { controlPlane } = synthesize();
/** Why is in `infra/reserved-concurrency.ts`. */
const UNBOUND = ['compensate'];

const boundsIn = (template: Template): readonly (number | undefined)[] => {
  const exempt = UNBOUND.map((entry) => roleOf(template, entry));
  const readers = rolesThatMay(template, 'ssm:GetParameter', 'kill-switch');
  return resourcesOf(template, 'AWS::Lambda::Function')
    .filter(([, { Properties: own }]) =>
      readers.some((role) => !exempt.includes(role) && JSON.stringify(own['Role']).includes(role)),
    )
    .map(([, { Properties: own }]) => own['ReservedConcurrentExecutions'] as number | undefined);
};

const readsFit: Guard = (template) => {
  const bounds = boundsIn(template);
  const sum = bounds.reduce<number>((total, bound) => total + (bound ?? 0), 0);
  return [
    ...(bounds.includes(undefined) ? ['a function that reads the kill switch has no bound'] : []),
    ...(sum < SSM_READS_PER_SECOND ? [] : [`${sum} reads a second leave none for operators`]),
  ];
};

describe('reads of the kill switch', () => {
  it('fit into what an account has by default', () => {
    expect(boundsIn(controlPlane).length).toBeGreaterThan(3);
    expect(readsFit(controlPlane)).toEqual([]);
  });

  it.each([
    ['a function has no bound', undefined],
    ['a bound is too high', 30],
  ])('are seen not to when %s', (_mutation, bound) => {
    const template = structuredClone(controlPlane);

    functionOf(template, 'authorize')[1].Properties['ReservedConcurrentExecutions'] = bound;

    expect(readsFit(template)).toHaveLength(1);
  });

  it('need no bound where the account has more', () => {
    const template = synthesize({ highThroughputSsm: 'true' }).controlPlane;

    expect(new Set(boundsIn(template))).toEqual(new Set([undefined]));
  });
});

describe('a compensation', () => {
  it('is never throttled by its own bound: it would end stuck', () => {
    const [, { Properties: own }] = functionOf(controlPlane, 'compensate');

    expect(own['ReservedConcurrentExecutions']).toBeUndefined();
  });
});

describe('traces', () => {
  const tracedIn = (template: Template) => [
    ...resourcesOf(template, 'AWS::Lambda::Function').map(
      ([, { Properties: own }]) => own['TracingConfig']?.Mode === 'Active',
    ),
    ...resourcesOf(template, 'AWS::StepFunctions::StateMachine').map(
      ([, { Properties: own }]) => own['TracingConfiguration']?.Enabled === true,
    ),
  ];

  it.each([
    ['false', false],
    ['true', true],
  ])('with the setting %s are on: %s', (tracing, isOn) => {
    const traced = tracedIn(synthesize({ tracing }).controlPlane);

    expect(new Set(traced)).toEqual(new Set([isOn]));
  });
});
