import { type Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { METRICS_NAMESPACE, type MetricName } from '../adapters/aws/metric-names.ts';
import { TaskFunction } from './task-function.ts';

/** What alarms and dashboard look at. */
export interface Observed {
  /** The dimension of the functions' own metrics. */
  readonly service: string;
  /** By the ids of their constructs. */
  readonly functions: readonly { readonly name: string; readonly lambda: IFunction }[];
  readonly machines: readonly { readonly name: string; readonly machine: StateMachine }[];
  readonly archive: IFunction;
  readonly sequence: IFunction;
  readonly deadLetters: IQueue;
}

/** Every function and state machine that a stack has by now, so that none is forgotten. */
export function everythingIn(scope: Construct): Pick<Observed, 'functions' | 'machines'> {
  const all = Stack.of(scope).node.findAll();
  return {
    functions: all.flatMap((one) =>
      one instanceof TaskFunction ? [{ name: one.node.id, lambda: one.function }] : [],
    ),
    machines: all.flatMap((one) =>
      one instanceof StateMachine
        ? [{ name: one.node.scope?.node.id ?? one.node.id, machine: one }]
        : [],
    ),
  };
}

/** A metric that the functions write into their logs. */
export function ownMetric(
  service: string,
  metricName: MetricName,
  statistic: 'Sum' | 'Maximum',
  period: Duration,
): Metric {
  const dimensionsMap = { service };
  return new Metric({ namespace: METRICS_NAMESPACE, metricName, dimensionsMap, statistic, period });
}
