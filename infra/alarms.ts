import { Duration, Stack, Validations } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { METRICS, type MetricName } from '../adapters/aws/metric-names.ts';
import { type Observed, ownMetric } from './observed.ts';

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
/** The sweep of the log comes each five minutes, so that this is more than one. */
const SWEEP_MINUTES = 6;
/** A seal is made seconds after the outcome, and tried again by a sweep every minute. */
const SEAL_LAG_MS_MAX = Duration.minutes(15).toMilliseconds();
/** A seal is in the log seconds after it was stored. */
const LOG_LAG_MS_MAX = FIVE_MINUTES.toMilliseconds();
/** A stream keeps 24 h. */
const ARCHIVE_LAG_MS_MAX = Duration.hours(1).toMilliseconds();

/** One alarm: it goes off when the metric is above the bound in each of some periods. */
interface Watch {
  readonly id: string;
  readonly says: string;
  readonly metric: IMetric;
  /** 0 when absent: it must not happen at all. */
  readonly above?: number;
  readonly periods?: number;
  /** Silence is an alarm too. */
  readonly isHeartbeat?: boolean;
}

/** What a person is told of, through one topic. */
export class Alarms extends Construct {
  readonly topic: Topic;
  readonly alarms: readonly Alarm[];

  constructor(
    scope: Construct,
    id: string,
    props: { readonly observed: Observed; readonly email: string | undefined },
  ) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { enforceSSL: true });
    this.topic.addToResourcePolicy(
      // A topic with a policy of its own has no longer the one that lets CloudWatch publish.
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    const { email, observed } = props;
    if (email !== undefined) this.writeTo(email);
    this.alarms = [...happenings(observed), ...throttles(observed), ...executions(observed)].map(
      (watch) => this.watch(watch),
    );
  }

  private writeTo(email: string): void {
    this.topic.addSubscription(new EmailSubscription(email));
    Validations.of(this.topic).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'The state of an alarm stays readable in CloudWatch when a message is lost.',
    });
  }

  private watch({ id, says, metric, above = 0, periods = 1, isHeartbeat }: Watch): Alarm {
    const alarm = new Alarm(this, id, {
      alarmDescription: says,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData:
        isHeartbeat === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }
}

function happenings({ service, deadLetters, archive, sequence }: Observed): readonly Watch[] {
  const sum = (name: MetricName, period = MINUTE) => ownMetric(service, name, 'Sum', period);
  return [
    {
      id: 'Stuck',
      says: 'A transaction is stuck: a person must look at the target and resolve it',
      metric: sum(METRICS.personNeeded),
    },
    {
      id: 'ReconcilerActs',
      says: 'Transactions were lost and go on: executions were stopped, timed out or failed',
      metric: sum(METRICS.reconcilerActed, FIVE_MINUTES),
    },
    {
      id: 'SealLag',
      says: 'Outcomes are not sealed, or the reconciler does not say: it does not run',
      metric: ownMetric(service, METRICS.sealLag, 'Maximum', FIVE_MINUTES),
      above: SEAL_LAG_MS_MAX,
      periods: 2,
      isHeartbeat: true,
    },
    {
      id: 'LogLag',
      says: 'Seals are not in the log: it takes them in late, or refuses one',
      metric: ownMetric(service, METRICS.logLag, 'Maximum', FIVE_MINUTES),
      above: LOG_LAG_MS_MAX,
    },
    {
      id: 'SequenceFails',
      says: 'The log was not written: it is not what was published of it, or refuses a seal',
      metric: sequence.metricErrors({ period: FIVE_MINUTES }),
      periods: 2,
    },
    {
      id: 'KillSwitchUnreadable',
      says: 'The kill switch cannot be read, so that everything is halted',
      metric: sum(METRICS.killSwitchUnreadable),
    },
    {
      id: 'EvidenceOverwritten',
      says: 'Evidence or a decision was changed or removed; the archive has the first image',
      metric: sum(METRICS.evidenceOverwritten),
    },
    {
      id: 'ArchiveLag',
      says: 'Evidence reaches the archive late; a stream forgets after 24 hours',
      metric: archive.metric('IteratorAge', { statistic: 'Maximum', period: FIVE_MINUTES }),
      above: ARCHIVE_LAG_MS_MAX,
    },
    {
      id: 'DeadLetters',
      says: 'An event was given up: read it, mend the cause, send it again',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: MINUTE }),
    },
  ];
}

function throttles({ functions }: Observed): readonly Watch[] {
  return functions.map(({ name, lambda }) => ({
    id: `${name}Throttled`,
    says: `Calls of ${name} were refused for want of concurrency`,
    metric: lambda.metricThrottles({ period: MINUTE }),
    // One of it runs at once: its sweep waits for the run that the stream has started.
    ...(name === 'Sequence' ? { periods: SWEEP_MINUTES } : {}),
  }));
}

function executions({ machines }: Observed): readonly Watch[] {
  return machines.flatMap(({ name, machine }) => [
    {
      id: `${name}Failed`,
      says: `Executions of ${name} failed`,
      metric: machine.metricFailed({ period: MINUTE }),
    },
    {
      id: `${name}TimedOut`,
      says: `Executions of ${name} took too long`,
      metric: machine.metricTimedOut({ period: MINUTE }),
    },
    {
      id: `${name}Stopped`,
      says: `Somebody stopped executions of ${name}`,
      metric: machine.metricAborted({ period: MINUTE }),
    },
  ]);
}
