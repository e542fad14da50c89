import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { CfnAccount, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ROLE_PATH } from './names.ts';

// "Set up CloudWatch API logging", API Gateway developer guide.
const WRITE_LOGS = [
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:DescribeLogGroups',
  'logs:DescribeLogStreams',
  'logs:FilterLogEvents',
  'logs:GetLogEvents',
  'logs:PutLogEvents',
];

/**
 * Lets API Gateway write logs: one setting for all APIs of an account and region, without which no
 * stage that logs can be made. An account that has it already turns this off.
 */
export class GatewayLogs extends Construct {
  private readonly setting: CfnAccount;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      path: ROLE_PATH,
      inlinePolicies: {
        logs: new PolicyDocument({
          statements: [new PolicyStatement({ actions: WRITE_LOGS, resources: ['*'] })],
        }),
      },
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'The setting holds for all APIs of the account, whose log groups are not known.',
    });
    this.setting = new CfnAccount(this, 'Setting', { cloudWatchRoleArn: role.roleArn });
    // Other APIs of the account may rest on it by the time that this stack goes.
    for (const one of [role, this.setting]) one.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }

  /** Has the stage of an API wait for the setting. */
  serves(api: RestApi): void {
    api.deploymentStage.node.addDependency(this.setting);
  }
}
