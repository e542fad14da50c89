import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { roleArn, roleName, rolesOfAccounts } from './names.ts';
import { TaskFunction, type TaskFunctionProps } from './task-function.ts';

/** The one function that may assume the action roles of target accounts. */
export class Vault extends Construct {
  readonly vendCredentials: TaskFunction;

  constructor(
    scope: Construct,
    id: string,
    props: Omit<TaskFunctionProps, 'entry' | 'roleName'> & {
      readonly stage: string;
      /** Its own account when there are none. */
      readonly targetAccounts: readonly string[];
    },
  ) {
    super(scope, id);
    const { stage, targetAccounts, ...shared } = props;
    const { account } = Stack.of(this);
    const accounts = targetAccounts.length > 0 ? targetAccounts : [account];
    const actionRoles = accounts.map((one) =>
      roleArn(this, { stage, role: 'action', account: one }),
    );
    this.vendCredentials = new TaskFunction(this, 'VendCredentials', {
      ...shared,
      entry: 'vend-credentials',
      roleName: roleName(stage, 'vault'),
      environment: {
        ...shared.environment,
        ...rolesOfAccounts(this, { stage, role: 'action', accounts }),
      },
    });
    this.vendCredentials.role.addToPolicy(
      new PolicyStatement({
        actions: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
        resources: actionRoles,
      }),
    );
  }

  /** Lets a task ask for sessions. */
  serves(task: TaskFunction): void {
    task.invokes(this.vendCredentials);
    const { functionName } = this.vendCredentials.function;
    task.function.addEnvironment('VAULT_FUNCTION', functionName);
  }
}
