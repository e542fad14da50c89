import {
  CreateBucketCommand,
  GetObjectLockConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AwsClient } from 'aws4fetch';
import { allow, assume, createRole, outcomeOf, policyOf } from './account.ts';
import { clientOptions, type Emulator, startEmulator } from './emulator.ts';
import { untilHolds } from './until.ts';

// Each patch of patch_archive.py twice: what stock MiniStack does, and what AWS does.
describe.each([
  ['stock MiniStack', true],
  ['the patched MiniStack', false],
])('%s', (_name, isStock) => {
  const stockOr = <T>(stock: T, patched: T): T => (isStock ? stock : patched);
  let emulator: Emulator;
  let writer: S3Client;
  beforeAll(async () => {
    emulator = await startEmulator({ auth: true, isStock });
    const role = await createRole(emulator, { name: 'writer', may: [allow('s3:*', '*')] });
    writer = new S3Client({ ...(await assume(emulator, role)), forcePathStyle: true });
  });
  afterAll(() => emulator.stop());

  /** A bucket whose policy denies what the condition holds for. */
  const bucketThatDenies = async (Bucket: string, Condition: object): Promise<void> => {
    const root = new S3Client({ ...clientOptions(emulator), forcePathStyle: true });
    await root.send(new CreateBucketCommand({ Bucket }));
    const denial = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:PutObject', Condition };
    const Policy = policyOf({ ...denial, Resource: `arn:aws:s3:::${Bucket}/*` });
    await root.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  };
  const put = (Bucket: string, how: { readonly IfNoneMatch?: string } = {}) =>
    outcomeOf(writer.send(new PutObjectCommand({ Bucket, Key: 'one', Body: 'one', ...how })));

  test('a bucket that admits TLS alone', async () => {
    await bucketThatDenies('tls', { Bool: { 'aws:SecureTransport': 'false' } });

    expect(await put('tls')).toBe(stockOr('AccessDenied', 'allowed'));
  });

  test('a bucket that admits conditional puts alone', async () => {
    await bucketThatDenies('conditional', { Null: { 's3:if-none-match': 'true' } });

    expect(await put('conditional')).toBe('AccessDenied');
    const conditional = await put('conditional', { IfNoneMatch: '*' });
    expect(conditional).toBe(stockOr('AccessDenied', 'allowed'));
  });

  test('Object Lock of a bucket of a stack', async () => {
    await createStack(emulator, {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: 'locked',
        VersioningConfiguration: { Status: 'Enabled' },
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 7 } },
        },
      },
    });
    const root = new S3Client({ ...clientOptions(emulator), forcePathStyle: true });
    const lockOf = () => root.send(new GetObjectLockConfigurationCommand({ Bucket: 'locked' }));
    const isThere = async () => (await outcomeOf(lockOf())) !== 'NoSuchBucket';
    await untilHolds(isThere);

    const mode = await lockOf().then(
      ({ ObjectLockConfiguration: lock }) => lock?.Rule?.DefaultRetention?.Mode,
      (error: Error) => error.name,
    );

    expect(mode).toBe(stockOr('ObjectLockConfigurationNotFoundError', 'COMPLIANCE'));
  });
});

async function createStack(emulator: Emulator, resource: object): Promise<void> {
  const { credentials, region, endpoint } = clientOptions(emulator);
  const client = new AwsClient({ ...credentials, region, service: 'cloudformation' });
  const body = new URLSearchParams({
    ...{ Action: 'CreateStack', Version: '2010-05-15', StackName: 'one' },
    TemplateBody: JSON.stringify({ Resources: { One: resource } }),
  });
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const answer = await client.fetch(endpoint, { method: 'POST', headers, body: `${body}` });
  if (!answer.ok) throw new Error(await answer.text());
}
