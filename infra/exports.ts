import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { TaskFunction } from './task-function.ts';

/** Where bundles lie for a day that are too large for an answer; the evidence itself is elsewhere. */
export class Exports extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(1) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Copies for a day, read by signed addresses that the access log of the API has.',
    });
  }

  /** Lets a function put bundles and sign addresses at which they are read. */
  serves(task: TaskFunction): void {
    const { bucketArn, bucketName } = this.bucket;
    task.role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: [`${bucketArn}/bundles/*`],
      }),
    );
    const bucketId = Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnBucket);
    Validations.of(task.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/bundles/*]`,
      reason: 'Bundles are named after their content, which is not known yet.',
    });
    task.function.addEnvironment('EXPORT_BUCKET', bucketName);
  }
}
