import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { TaskFunction, type TaskFunctionProps } from './task-function.ts';

/** Has the fence follow the operators' parameter at once, without waiting for an `authorize`. */
export class KillSwitchRule extends Construct {
  readonly follow: TaskFunction;

  constructor(
    scope: Construct,
    id: string,
    props: Omit<TaskFunctionProps, 'entry'> & {
      readonly parameter: string;
      readonly deadLetters: IQueue;
    },
  ) {
    super(scope, id);
    const { parameter, ...shared } = props;
    this.follow = new TaskFunction(this, 'Follow', { ...shared, entry: 'follow-kill-switch' });
    this.follow.readsParameter(parameter);
    const { deadLetters: deadLetterQueue } = props;
    new Rule(this, 'Changed', {
      description: 'The parameter of the kill switch was written or deleted',
      eventPattern: {
        source: ['aws.ssm'],
        detailType: ['Parameter Store Change'],
        detail: { name: [parameter] },
      },
      targets: [new LambdaFunction(this.follow.function, { deadLetterQueue })],
    });
  }
}
