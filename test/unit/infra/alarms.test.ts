import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  alarmsIn,
  alarmsMaySpeak,
  failuresOfTheLogAreSeen,
  functionsSayWhoTheyAre,
  noExecutionEndsUnseen,
  nothingFailsUnseen,
  nothingIsThrottledUnseen,
  ownMetricsAlarm,
  silenceIsSeen,
} from './alarm-guards.ts';
import { type Change, describeGuards, type Guarded } from './describe-guards.ts';
import { type Resource, resourcesOf, synthesize } from './synthesis.ts';

const { controlPlane } = synthesize();
/** Title, text and the head of the table. */
const HEAD_LINES = 7;

const without =
  (prefix: string): Change =>
  (template) => {
    const found = alarmsIn(template).filter(([id]) => id.includes(prefix));
    if (found.length !== 1) throw new Error(`${found.length} alarms are ${prefix}`);
    delete template.Resources[found[0]?.[0] as string];
  };
const change =
  (type: string, what: (own: Resource['Properties']) => void): Change =>
  (template) => {
    const [[, found] = []] = resourcesOf(template, type);
    if (found !== undefined) what(found.Properties);
  };

const GUARDS: readonly Guarded[] = [
  [
    'what the functions count has an alarm',
    ownMetricsAlarm,
    [
      ...[
        'Stuck',
        'ReconcilerActs',
        'SealLag',
        'LogLag',
        'KillSwitchUnreadable',
        'EvidenceOverwritten',
      ].map((id) => [`${id} is missing`, without(id)] as const),
      [
        'nobody is told',
        (template) => {
          for (const [, { Properties: own }] of alarmsIn(template)) delete own['AlarmActions'];
        },
      ],
      [
        'they look elsewhere',
        (template) => {
          for (const [, { Properties: own }] of alarmsIn(template))
            own['Dimensions'] = [{ Name: 'service', Value: 'other' }];
        },
      ],
    ],
  ],
  [
    'every function says who it is',
    functionsSayWhoTheyAre,
    [
      [
        'one does not',
        change('AWS::Lambda::Function', (own) => {
          delete own['Environment'].Variables.POWERTOOLS_SERVICE_NAME;
        }),
      ],
    ],
  ],
  [
    'no function is throttled unseen',
    nothingIsThrottledUnseen,
    [['an alarm is missing', without('SealThrottled')]],
  ],
  [
    'no failure of the log is unseen',
    failuresOfTheLogAreSeen,
    [['an alarm is missing', without('SequenceFails')]],
  ],
  [
    'no execution ends unseen',
    noExecutionEndsUnseen,
    [['an alarm is missing', without('TransactionStopped')]],
  ],
  [
    'alarms may speak',
    alarmsMaySpeak,
    [
      [
        'the policy of the topic has no room for them',
        change('AWS::SNS::TopicPolicy', (own) => {
          own['PolicyDocument'].Statement = own['PolicyDocument'].Statement.filter(
            (one: { Effect: string }) => one.Effect === 'Deny',
          );
        }),
      ],
    ],
  ],
  [
    'silence of the reconciler is seen',
    silenceIsSeen,
    [
      [
        'silence is taken for good news',
        (template) => {
          for (const [, { Properties: own }] of alarmsIn(template))
            own['TreatMissingData'] = 'notBreaching';
        },
      ],
    ],
  ],
  [
    'nothing fails unseen',
    nothingFailsUnseen,
    [
      [
        'a rule has no queue',
        change('AWS::Events::Rule', (own) => delete own['Targets'][0].DeadLetterConfig),
      ],
      [
        'a function has none',
        (template) => {
          for (const [, { Properties: own }] of resourcesOf(template, 'AWS::Lambda::Function'))
            delete own['DeadLetterConfig'];
        },
      ],
      ['nobody looks into the queue', without('DeadLetters')],
    ],
  ],
];

describeGuards(controlPlane, GUARDS);

describe('docs/alarms.md', () => {
  const rows = readFileSync('docs/alarms.md', 'utf8').split('\n').slice(HEAD_LINES);
  const names = rows.flatMap((row) => (row.split('|')[1] ?? '').split(',')).map((it) => it.trim());

  it('says of every alarm what to do, and of no other', () => {
    const ids = alarmsIn(controlPlane).map(([id]) => id);
    const isOf = (name: string) => (id: string) =>
      id.includes(`Alarms${name}`.replace('Alarms*', ''));
    const known = names.filter((name) => name !== '');

    expect(ids.filter((id) => !known.some((name) => isOf(name)(id)))).toEqual([]);
    expect(known.filter((name) => !ids.some(isOf(name)))).toEqual([]);
  });
});

describe('the topic of alarms', () => {
  it('refuses what is no address', () => {
    expect(() => synthesize({ alarmEmail: 'nobody' })).toThrow();
  });

  it.each([
    [{}, []],
    [{ alarmEmail: 'ops@example.com' }, ['ops@example.com']],
  ])('with %j writes to %j', (context, addresses) => {
    const subscriptions = resourcesOf(synthesize(context).controlPlane, 'AWS::SNS::Subscription');

    expect(subscriptions.map(([, { Properties: own }]) => own['Endpoint'])).toEqual(addresses);
  });
});
