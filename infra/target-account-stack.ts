import { CfnOutput, Duration, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { ArnPrincipal, PolicyStatement, Role, SessionTagsPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import permissions from '../actions/permissions.json' with { type: 'json' };
import { ROLE_PATH, roleArn, roleName } from './names.ts';
import type { Settings } from './settings.ts';

/** What an account needs to be governed: the role that the vault of a control plane may assume. */
export class TargetAccountStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { readonly settings: Settings }) {
    super(scope, id, props);
    const { stage, controlPlaneAccount } = props.settings;
    const account = controlPlaneAccount ?? this.account;
    const vault = new ArnPrincipal(roleArn(this, { stage, role: 'vault', account }));
    const own = (resource: string) => `arn:${this.partition}:iam::${this.account}:${resource}`;
    const role = new Role(this, 'ActionRole', {
      roleName: roleName(stage, 'action'),
      path: ROLE_PATH,
      description: 'What Interlock may do here at most; each session is narrowed to one step',
      // The shortest that there is.
      maxSessionDuration: Duration.hours(1),
      assumedBy: new SessionTagsPrincipal(vault),
    });
    role.assumeRolePolicy?.addStatements(
      new PolicyStatement({ actions: ['sts:SetSourceIdentity'], principals: [vault] }),
    );
    role.addToPolicy(new PolicyStatement({ actions: permissions.locate, resources: ['*'] }));
    for (const { actions, resource } of permissions.steps)
      role.addToPolicy(new PolicyStatement({ actions, resources: [own(resource)] }));
    role.addToPolicy(
      PolicyStatement.fromJson({
        Sid: 'NotInterlockItself',
        Effect: 'Deny',
        NotAction: permissions.locate,
        Resource: ['role', 'user', 'policy', 'group'].map((kind) => own(`${kind}${ROLE_PATH}*`)),
      }),
    );
    const inAccount = 'arn:<AWS::Partition>:iam::<AWS::AccountId>';
    const wide = permissions.steps.map(({ resource }) => `${inAccount}:${resource}`);
    for (const resource of new Set(['*', ...wide]))
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${resource}]`,
        reason: 'The most that any action needs; each session is narrowed to one step.',
      });
    this.auditRole(stage, account);
    new CfnOutput(this, 'ActionRoleArn', { value: role.roleArn });
  }

  /** What the auditor reads accounts with: it may do nothing else. */
  private auditRole(stage: string, account: string): void {
    const role = new Role(this, 'AuditRole', {
      roleName: roleName(stage, 'audit'),
      path: ROLE_PATH,
      description: 'Reads who may do what in this account, for the auditor',
      maxSessionDuration: Duration.hours(1),
      assumedBy: new ArnPrincipal(roleArn(this, { stage, role: 'enumerate', account })),
    });
    role.addToPolicy(
      // It has no resource to name (Service Authorization Reference, IAM).
      new PolicyStatement({ actions: ['iam:GetAccountAuthorizationDetails'], resources: ['*'] }),
    );
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'The one action, which reads the whole account, has no resource to name.',
    });
  }
}
