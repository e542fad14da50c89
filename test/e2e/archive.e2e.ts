import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outcomeOf } from './emulator/account.ts';
import { clientOptions } from './emulator/emulator.ts';
import { untilHolds } from './emulator/until.ts';
import { openWorld, outputOf, type World } from './world.ts';

/** A stream is polled, batched for 5 s and handed on. */
const ARCHIVED_MS_MAX = 60_000;

let world: World;
let s3: S3Client;
let dynamo: DynamoDBClient;
let Bucket: string;
beforeAll(async () => {
  world = await openWorld();
  s3 = new S3Client({ ...clientOptions(world.emulator), forcePathStyle: true });
  dynamo = new DynamoDBClient(clientOptions(world.emulator));
  Bucket = outputOf(world.outputs, 'ArchiveBucket');
});
afterAll(() => world.stop());

const keysBelow = async (Prefix: string): Promise<readonly string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.map(({ Key = '' }) => Key).sort();
};
const textOf = async (Key: string): Promise<string> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? '';
};
const untilArchived = (prefix: string, count: number) =>
  untilHolds(async () => (await keysBelow(prefix)).length >= count, ARCHIVED_MS_MAX);

/** One who may write to the tables, whatever the roles of the control plane say. */
const asIntruder = (table: 'EvidenceTable' | 'DecisionsTable') => {
  const TableName = outputOf(world.outputs, table);
  return {
    put: (Item: NonNullable<PutItemCommand['input']['Item']>) =>
      dynamo.send(new PutItemCommand({ TableName, Item })),
    update: (Key: NonNullable<UpdateItemCommand['input']['Key']>, forged: string) =>
      dynamo.send(
        new UpdateItemCommand({
          ...{ TableName, Key, UpdateExpression: 'SET body = :body' },
          ExpressionAttributeValues: { ':body': { S: forged } },
        }),
      ),
    remove: (Key: NonNullable<DeleteItemCommand['input']['Key']>) =>
      dynamo.send(new DeleteItemCommand({ TableName, Key })),
  };
};

describe('the archive', () => {
  it('has what the control plane put', async () => {
    await world.setKillSwitch('running');

    await untilArchived('evidence/control%3A', 1);

    const [key = ''] = await keysBelow('evidence/control%3A');
    expect(key).toMatch(/\/0{12}\.json$/);
    expect(JSON.parse(await textOf(key))).toMatchObject({ seq: { N: '0' }, records: {} });
    expect(world.emulator.log()).not.toContain('"EvidenceOverwritten"');
  });

  it('keeps the first image of evidence that is overwritten, and the forged one beside it', async () => {
    const intruder = asIntruder('EvidenceTable');
    const key = { pk: { S: 'tx:forged' }, seq: { N: '3' } };
    await intruder.put({ ...key, body: { S: 'first' } });
    await untilArchived('evidence/tx%3Aforged/', 1);

    await intruder.put({ ...key, body: { S: 'forged' } });
    await untilArchived('evidence/tx%3Aforged/', 2);

    const [first = '', beside = ''] = [...(await keysBelow('evidence/tx%3Aforged/'))].sort(
      (one, other) => one.length - other.length,
    );
    expect(first).toBe('evidence/tx%3Aforged/000000000003.json');
    expect(await textOf(first)).toContain('first');
    expect(await textOf(beside)).toContain('forged');
    // What CloudWatch makes the metric of that the alarm watches.
    await untilHolds(() => world.emulator.log().includes('"EvidenceOverwritten":1'));
  });

  it('keeps a decision that is changed and removed', async () => {
    const intruder = asIntruder('DecisionsTable');
    const key = { pk: { S: 'decision#d' }, sk: { S: 'decision' } };
    await intruder.put({ ...key, body: { S: 'deny' } });
    await intruder.update(key, 'allow');
    await intruder.remove(key);

    await untilArchived('decisions/decision%23d/', 2);

    expect(await textOf('decisions/decision%23d/decision.json')).toContain('deny');
    expect(world.emulator.log()).not.toContain('not archived yet');
  });

  it('is under lock: no object of it is overwritten or deleted', async () => {
    const [Key = ''] = await keysBelow('evidence/');
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
    const [{ VersionId } = {}] = Versions;

    const { ObjectLockConfiguration: lock } = await s3.send(
      new GetObjectLockConfigurationCommand({ Bucket }),
    );
    const forged = new PutObjectCommand({ Bucket, Key, Body: 'forged', IfNoneMatch: '*' });
    const overwrite = await outcomeOf(s3.send(forged));
    const deletion = await outcomeOf(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId })));

    expect(lock?.Rule?.DefaultRetention).toMatchObject({ Mode: 'GOVERNANCE', Days: 365 });
    expect([overwrite, deletion]).toEqual(['PreconditionFailed', 'AccessDenied']);
  });
});
