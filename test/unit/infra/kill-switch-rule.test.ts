import { describe, expect, it } from '@jest/globals';
import { textOf, withoutBraces } from './grants.ts';
import { functionOf, type Guard } from './guards.ts';
import { type Resource, resourcesOf, synthesize, type Template } from './synthesis.ts';

const { controlPlane } = synthesize();

/** The rules whose target is a function. */
const rulesTo = (template: Template, entry: string): readonly Resource['Properties'][] => {
  const [id] = functionOf(template, entry);
  return resourcesOf(template, 'AWS::Events::Rule')
    .map(([, { Properties: own }]) => own)
    .filter(({ Targets: targets = [] }) =>
      targets.some((one: { Arn: unknown }) => withoutBraces(textOf(one.Arn)) === id),
    );
};

const theFenceFollowsTheParameter: Guard = (template) => {
  const entry = 'follow-kill-switch';
  const { Environment: environment } = functionOf(template, entry)[1].Properties;
  const wanted = {
    source: ['aws.ssm'],
    'detail-type': ['Parameter Store Change'],
    detail: { name: [environment.Variables.KILL_SWITCH_PARAMETER] },
  };
  const [rule, ...others] = rulesTo(template, entry);
  if (rule === undefined || others.length > 0) return ['there is not one rule to follow it'];
  const isSame = JSON.stringify(sorted(rule['EventPattern'])) === JSON.stringify(sorted(wanted));
  return [
    ...(isSame ? [] : ['the rule is of other events']),
    ...(rule['State'] === 'ENABLED' ? [] : ['the rule is off']),
    ...(rule['Targets'][0]?.DeadLetterConfig === undefined ? ['events can be lost'] : []),
  ];
};

const sorted = (pattern: object) =>
  Object.entries(pattern).sort(([one], [other]) => (one < other ? -1 : 1));

const ofRule = (change: (rule: Resource['Properties']) => void) => (template: Template) =>
  change(rulesTo(template, 'follow-kill-switch')[0] ?? {});

describe('the fence follows the parameter of the kill switch', () => {
  it('at every event of it', () => {
    expect(theFenceFollowsTheParameter(controlPlane)).toEqual([]);
  });

  it.each<[string, (template: Template) => void]>([
    ['is another parameter', ofRule((rule) => (rule['EventPattern'].detail.name = ['/other']))],
    ['is one operation alone', ofRule((rule) => (rule['EventPattern'].detail.operation = ['x']))],
    ['is off', ofRule((rule) => (rule['State'] = 'DISABLED'))],
    ['goes elsewhere', ofRule((rule) => (rule['Targets'] = []))],
    ['loses events', ofRule((rule) => delete rule['Targets'][0].DeadLetterConfig)],
  ])('is seen not to when the rule %s', (_what, change) => {
    const template = structuredClone(controlPlane);

    change(template);

    expect(theFenceFollowsTheParameter(template)).toHaveLength(1);
  });
});
