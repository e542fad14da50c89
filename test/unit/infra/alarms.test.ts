import { describe, expect, it } from '@jest/globals';
import { METRICS, METRICS_NAMESPACE } from '../../../adapters/aws/metric-names.ts';
import { textOf } from './grants.ts';
import type { Guard } from './guards.ts';
import { type Resource, resourcesOf, synthesize, type Template } from './synthesis.ts';

const { controlPlane } = synthesize();
const SERVICE = 'interlock-prod';
/** Counts of ordinary outcomes are on the dashboard alone. */
const NO_ALARM: readonly string[] = [
  METRICS.committed,
  METRICS.rejected,
  METRICS.compensated,
  METRICS.stuck,
];

interface Watched {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}
interface Dimension {
  readonly Name: string;
  readonly Value: unknown;
}
interface Source {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly Dimension[];
}

const alarmsIn = (template: Template) => resourcesOf(template, 'AWS::CloudWatch::Alarm');

/** Every metric that some alarm watches which tells somebody. */
const watchedIn = (template: Template): readonly Watched[] =>
  alarmsIn(template)
    .filter(([, { Properties: own }]) => own['AlarmActions']?.length === 1)
    .map(([, { Properties: own }]) => own as unknown as Source)
    .map(({ Namespace: namespace, MetricName: name, Dimensions: dimensions = [] }) => ({
      namespace,
      name,
      dimensions: Object.fromEntries(
        dimensions.map(({ Name, Value }) => [Name, textOf(Value)] as const),
      ),
    }));

const isWatched = (template: Template, namespace: string, name: string, dimension: string) =>
  watchedIn(template).some(
    (one) =>
      one.namespace === namespace &&
      one.name === name &&
      Object.values(one.dimensions).some((value) => value.includes(dimension)),
  );

const ownMetricsAlarm: Guard = (template) =>
  Object.values(METRICS)
    .filter((name) => !NO_ALARM.includes(name))
    .filter((name) => !isWatched(template, METRICS_NAMESPACE, name, SERVICE))
    .map((name) => `${name} has no alarm`);

const functionsSayWhoTheyAre: Guard = (template) =>
  resourcesOf(template, 'AWS::Lambda::Function')
    .filter(([, { Properties: own }]) => {
      const variables = own['Environment'].Variables;
      const task = `${own['Description']}`.replace('Interlock: ', '');
      return variables.POWERTOOLS_SERVICE_NAME !== SERVICE || variables.TASK !== task;
    })
    .map(([id]) => `${id} writes metrics that no alarm reads`);

const nothingIsThrottledUnseen: Guard = (template) =>
  resourcesOf(template, 'AWS::Lambda::Function')
    .filter(([id]) => !isWatched(template, 'AWS/Lambda', 'Throttles', `{${id}}`))
    .map(([id]) => `${id} is throttled unseen`);

const noExecutionEndsUnseen: Guard = (template) =>
  resourcesOf(template, 'AWS::StepFunctions::StateMachine').flatMap(([id]) =>
    ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted']
      .filter((name) => !isWatched(template, 'AWS/States', name, `{${id}}`))
      .map((name) => `${name} of ${id} is not seen`),
  );

const silenceIsSeen: Guard = (template) =>
  alarmsIn(template)
    .filter(([, { Properties: own }]) => own['MetricName'] === METRICS.sealLag)
    .filter(([, { Properties: own }]) => own['TreatMissingData'] !== 'breaching')
    .map(([id]) => `${id} trusts a reconciler that says nothing`);

/** Whatever is sent without waiting for the answer goes to a queue when it fails for good. */
const nothingFailsUnseen: Guard = (template) => {
  const targets = resourcesOf(template, 'AWS::Events::Rule').flatMap(([id, { Properties: own }]) =>
    (own['Targets'] as readonly Readonly<Record<string, unknown>>[]).map((target) => ({
      id,
      target,
    })),
  );
  const invoked = targets.map(({ target }) => textOf(target['Arn']).replace(/[{}]/g, ''));
  const queues = resourcesOf(template, 'AWS::SQS::Queue').map(([id]) => id);
  return [
    ...targets
      .filter(({ target }) => target['DeadLetterConfig'] === undefined)
      .map(({ id }) => `what ${id} cannot deliver is lost`),
    ...invoked
      .filter((id) => template.Resources[id]?.Properties['DeadLetterConfig'] === undefined)
      .map((id) => `what ${id} fails at is lost`),
    ...queues
      .filter(
        (id) => !isWatched(template, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', `{${id}}`),
      )
      .map((id) => `nobody is told what is in ${id}`),
  ];
};

type Change = (template: Template) => void;
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

const GUARDS: readonly (readonly [string, Guard, readonly (readonly [string, Change])[]])[] = [
  [
    'what the functions count has an alarm',
    ownMetricsAlarm,
    [
      ...['Stuck', 'ReconcilerActs', 'SealLag', 'KillSwitchUnreadable', 'EvidenceOverwritten'].map(
        (id) => [`${id} is missing`, without(id)] as const,
      ),
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
    'no execution ends unseen',
    noExecutionEndsUnseen,
    [['an alarm is missing', without('TransactionStopped')]],
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

describe.each(GUARDS)('%s', (_name, guard, mutations) => {
  it('holds in what is deployed', () => {
    expect(guard(controlPlane)).toEqual([]);
  });

  it.each(mutations)('is seen broken when %s', (_mutation, mutate) => {
    const template = structuredClone(controlPlane);

    mutate(template);

    expect(guard(template)).not.toEqual([]);
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
