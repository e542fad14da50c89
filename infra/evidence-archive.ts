import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CHECKPOINTS_PREFIX } from '../adapters/aws/archive-names.ts';
import { allowStream, type ControlPlaneTables } from './control-plane-tables.ts';
import type { Settings } from './settings.ts';
import { TaskFunction, type TaskFunctionProps } from './task-function.ts';

const BATCH_ITEMS_MAX = 100;
const BATCH_WAIT = Duration.seconds(5);
const ATTEMPTS_MAX = 20;
/** A stream keeps a change for 24 h: what is given up must leave time to read it from there. */
const AGE_MAX = Duration.hours(12);
const BATCHES_AT_ONCE_OF_SHARD = 4;

/** Keeps the first image of every piece of evidence and every decision where nobody can delete it. */
export class EvidenceArchive extends Construct {
  readonly bucket: Bucket;
  readonly archive: TaskFunction;

  constructor(
    scope: Construct,
    id: string,
    props: Omit<TaskFunctionProps, 'entry'> & {
      readonly tables: ControlPlaneTables;
      readonly deadLetters: IQueue;
      readonly lock: Settings['archive'];
      readonly deletionProtection: boolean;
    },
  ) {
    super(scope, id);
    const { tables, deadLetters, lock, deletionProtection, ...shared } = props;
    this.bucket = lockedBucket(this, lock, deletionProtection);
    this.archive = new TaskFunction(this, 'Archive', {
      ...shared,
      entry: 'archive',
      environment: { ...shared.environment, ARCHIVE_BUCKET: this.bucket.bucketName },
    });
    const followed = [tables.evidence, tables.decisions, tables.log];
    // As `lambdas/archive.ts` calls them.
    for (const name of ['evidence', 'decisions', 'log']) this.keeps(this.archive, `${name}/`);
    for (const table of followed) this.follows(table, deadLetters);
  }

  /** Lets a function publish checkpoints, and see which there are. */
  keepsCheckpointsOf(task: TaskFunction): void {
    this.keeps(task, CHECKPOINTS_PREFIX);
    task.function.addEnvironment('ARCHIVE_BUCKET', this.bucket.bucketName);
    task.role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': `${CHECKPOINTS_PREFIX}*` } },
      }),
    );
  }

  /** Puts below a prefix; reads there, to tell what comes twice from what is another. */
  private keeps(task: TaskFunction, prefix: string): void {
    const objects = this.bucket.arnForObjects(`${prefix}*`);
    task.role.addToPolicy(
      new PolicyStatement({ actions: ['s3:GetObject', 's3:PutObject'], resources: [objects] }),
    );
    const bucketId = Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnBucket);
    Validations.of(task).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${prefix}*]`,
      reason: 'The objects are named after what is not known yet.',
    });
  }

  private follows(table: Table, deadLetters: IQueue): void {
    const stream = table.tableStreamArn ?? '';
    allowStream(this.archive.role, table);
    this.archive.function.addEventSourceMapping(`Of${table.node.id}`, {
      eventSourceArn: stream,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: BATCH_ITEMS_MAX,
      maxBatchingWindow: BATCH_WAIT,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: ATTEMPTS_MAX,
      maxRecordAge: AGE_MAX,
      parallelizationFactor: BATCHES_AT_ONCE_OF_SHARD,
      onFailure: new SqsDlq(deadLetters),
    });
  }
}

function lockedBucket(
  scope: Construct,
  { lock, retentionDays }: Settings['archive'],
  deletionProtection: boolean,
): Bucket {
  const retention = Duration.days(retentionDays);
  const bucket = new Bucket(scope, 'Bucket', {
    versioned: true,
    objectLockEnabled: true,
    objectLockDefaultRetention:
      lock === 'compliance'
        ? ObjectLockRetention.compliance(retention)
        : ObjectLockRetention.governance(retention),
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: deletionProtection ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  const objects = bucket.arnForObjects('*');
  bucket.addToResourcePolicy(
    denial('NobodyDeletes', objects, {
      Action: [
        's3:BypassGovernanceRetention',
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:PutObjectLegalHold',
        's3:PutObjectRetention',
      ],
    }),
  );
  bucket.addToResourcePolicy(
    denial('NobodyOverwrites', objects, {
      Action: 's3:PutObject',
      Condition: { Null: { 's3:if-none-match': 'true' } },
    }),
  );
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'Two functions write it, nobody deletes; CloudTrail can tell who reads.',
  });
  return bucket;
}

function denial(id: string, objects: string, what: object): PolicyStatement {
  const principal = new AnyPrincipal().policyFragment.principalJson;
  const whole = { Sid: id, Effect: 'Deny', Principal: principal, Resource: objects, ...what };
  return PolicyStatement.fromJson(whole);
}
