import { METRICS, METRICS_NAMESPACE } from '../../../adapters/aws/metric-names.ts';
import { textOf } from './grants.ts';
import { functionOf, type Guard } from './guards.ts';
import { resourcesOf, type Template } from './synthesis.ts';

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

/** The alarms of a template, with their logical ids. */
export const alarmsIn = (template: Template) => resourcesOf(template, 'AWS::CloudWatch::Alarm');

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

export const ownMetricsAlarm: Guard = (template) =>
  Object.values(METRICS)
    .filter((name) => !NO_ALARM.includes(name))
    .filter((name) => !isWatched(template, METRICS_NAMESPACE, name, SERVICE))
    .map((name) => `${name} has no alarm`);

export const functionsSayWhoTheyAre: Guard = (template) =>
  resourcesOf(template, 'AWS::Lambda::Function')
    .filter(([, { Properties: own }]) => {
      const variables = own['Environment'].Variables;
      const task = `${own['Description']}`.replace('Interlock: ', '');
      return variables.POWERTOOLS_SERVICE_NAME !== SERVICE || variables.TASK !== task;
    })
    .map(([id]) => `${id} writes metrics that no alarm reads`);

export const nothingIsThrottledUnseen: Guard = (template) =>
  resourcesOf(template, 'AWS::Lambda::Function')
    .filter(([id]) => !isWatched(template, 'AWS/Lambda', 'Throttles', `{${id}}`))
    .map(([id]) => `${id} is throttled unseen`);

export const noExecutionEndsUnseen: Guard = (template) =>
  resourcesOf(template, 'AWS::StepFunctions::StateMachine').flatMap(([id]) =>
    ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted']
      .filter((name) => !isWatched(template, 'AWS/States', name, `{${id}}`))
      .map((name) => `${name} of ${id} is not seen`),
  );

export const failuresOfTheLogAreSeen: Guard = (template) => {
  const [sequence] = functionOf(template, 'sequence');
  const isSeen = isWatched(template, 'AWS/Lambda', 'Errors', `{${sequence}}`);
  return isSeen ? [] : ['nobody is told when the log is not written'];
};

export const alarmsMaySpeak: Guard = (template) => {
  const [[, policy] = []] = resourcesOf(template, 'AWS::SNS::TopicPolicy');
  const statements: readonly Readonly<Record<string, unknown>>[] =
    policy?.Properties['PolicyDocument'].Statement ?? [];
  const isHeard = statements.some(
    (one) =>
      one['Effect'] === 'Allow' &&
      one['Action'] === 'sns:Publish' &&
      JSON.stringify(one['Principal']) === '{"Service":"cloudwatch.amazonaws.com"}',
  );
  return isHeard ? [] : ['CloudWatch may not publish to the topic'];
};

export const silenceIsSeen: Guard = (template) =>
  alarmsIn(template)
    .filter(([, { Properties: own }]) => own['MetricName'] === METRICS.sealLag)
    .filter(([, { Properties: own }]) => own['TreatMissingData'] !== 'breaching')
    .map(([id]) => `${id} trusts a reconciler that says nothing`);

/** Whatever is sent without waiting for the answer goes to a queue when it fails for good. */
export const nothingFailsUnseen: Guard = (template) => {
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
