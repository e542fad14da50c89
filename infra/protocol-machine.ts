import { join } from 'node:path';
import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ROLE_PATH } from './names.ts';
import type { TaskFunction } from './task-function.ts';

const FOLDER = join(import.meta.dirname, '..', 'statemachines');

/** The state machine of a file, each of its tasks a function that only it may invoke. */
export class ProtocolMachine extends Construct {
  readonly machine: StateMachine;

  constructor(
    scope: Construct,
    id: string,
    props: {
      /** The name in `statemachines/` without its ending. */
      readonly file: string;
      /** By the name of the state. */
      readonly tasks: Readonly<Record<string, TaskFunction>>;
      readonly logRetentionDays: RetentionDays;
      readonly tracing: boolean;
    },
  ) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      path: ROLE_PATH,
    });
    const tasks = Object.entries(props.tasks);
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromFile(join(FOLDER, `${props.file}.asl.json`)),
      definitionSubstitutions: Object.fromEntries(
        tasks.map(([name, task]) => [name, task.function.functionArn]),
      ),
      role,
      tracingEnabled: props.tracing,
      logs: {
        // Without the data: the store has it, and its readers are fewer.
        level: LogLevel.ALL,
        includeExecutionData: false,
        destination: new LogGroup(this, 'Log', {
          // One policy of the account covers all of that prefix, and it has little room for others.
          logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}-${props.file}`,
          retention: props.logRetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
    // A definition from a file grants nothing by itself.
    for (const [, task] of tasks) task.grantInvoke(role);
    const reason = 'Optional: context `tracing`.';
    Validations.of(this.machine).acknowledge(
      { id: 'AwsSolutions-SF2', reason },
      { id: 'Serverless-StepFunctionStateMachineXray', reason },
    );
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'The delivery of logs, and X-Ray, have no resource to name.',
    });
  }
}
