import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { TaskFunction, type TaskFunctionProps } from './task-function.ts';

/** What no Catch ever sees. */
const ENDED = ['ABORTED', 'FAILED', 'TIMED_OUT'];

/** Goes on with transactions that nobody runs: at a hint at once, and every minute in any case. */
export class Reconciler extends Construct {
  readonly reconcile: TaskFunction;

  constructor(
    scope: Construct,
    id: string,
    props: Omit<TaskFunctionProps, 'entry'> & {
      readonly machine: StateMachine;
      readonly deadLetters: IQueue;
    },
  ) {
    super(scope, id);
    const { machine, ...shared } = props;
    this.reconcile = new TaskFunction(this, 'Reconcile', { ...shared, entry: 'reconcile' });
    this.reconcile.goesOnWith(machine);
    const { deadLetters: deadLetterQueue } = props;
    const targets = [new LambdaFunction(this.reconcile.function, { deadLetterQueue })];
    new Rule(this, 'Ended', {
      description: 'An execution of a transaction ended otherwise than by its last state',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [machine.stateMachineArn], status: ENDED },
      },
      targets,
    });
    new Rule(this, 'Sweep', {
      description: 'What was lost without an event, is past its deadline, or is not sealed',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets,
    });
  }
}
