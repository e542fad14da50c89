import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Rule, type RuleProps, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
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
    props: Omit<TaskFunctionProps, 'entry'> & { readonly machine: StateMachine },
  ) {
    super(scope, id);
    const { machine, ...shared } = props;
    this.reconcile = new TaskFunction(this, 'Reconcile', { ...shared, entry: 'reconcile' });
    this.reconcile.starts(machine);
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${machine.stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.reconcile.role.addToPolicy(
      new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }),
    );
    this.rule('Ended', {
      description: 'An execution of a transaction ended otherwise than by its last state',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [machine.stateMachineArn], status: ENDED },
      },
    });
    this.rule('Sweep', {
      description: 'What was lost without an event, is past its deadline, or is not sealed',
      schedule: Schedule.rate(Duration.minutes(1)),
    });
  }

  private rule(id: string, props: RuleProps): void {
    new Rule(this, id, props).addTarget(new LambdaFunction(this.reconcile.function));
  }
}
