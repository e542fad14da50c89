import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import {
  archiveChange,
  type ImageChange,
  type Overwrite,
  objectName,
} from '../../../adapters/aws/archive.ts';
import { handleBatch, StreamEvent } from '../../../adapters/aws/archive-events.ts';

const KEY = ['tx:1', '7'] as const;
const FIRST = 'evidence/tx%3A1/000000000007.json';
const image = (record: string) => ({ pk: { S: 'tx:1' }, seq: { N: '7' }, records: { B: record } });
const inserted: ImageChange = { table: 'evidence', kind: 'INSERT', key: KEY, after: image('one') };
const modified: ImageChange = {
  ...{ table: 'evidence', kind: 'MODIFY', key: KEY },
  ...{ before: image('one'), after: image('two') },
};
const removed: ImageChange = { table: 'evidence', kind: 'REMOVE', key: KEY, before: image('one') };

/** A bucket that knows conditional puts and nothing else. */
const openBucket = () => {
  const objects = new Map<string, string>();
  const overwrites: Overwrite[] = [];
  const faults: Error[] = [];
  const client = {
    async send(command: { readonly input: Record<string, unknown> }) {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      const { Key: key, Body: body, IfNoneMatch: condition } = command.input;
      const stored = objects.get(`${key}`);
      if (command instanceof GetObjectCommand)
        return { Body: { transformToByteArray: async () => Buffer.from(stored ?? '') } };
      if (condition !== '*') throw new Error('a put must be conditional');
      if (stored !== undefined) throw Object.assign(new Error(), { name: 'PreconditionFailed' });
      objects.set(`${key}`, Buffer.from(body as Uint8Array).toString());
      return {};
    },
  } as unknown as S3Client;
  const onOverwrite = (one: Overwrite) => void overwrites.push(one);
  return { objects, overwrites, faults, parts: { client, bucket: 'archive', onOverwrite } };
};

describe('the archive', () => {
  it('throws what may be tried again when the bucket is out of reach', async () => {
    const { parts, faults } = openBucket();
    faults.push(Object.assign(new Error(), { name: 'SlowDown' }));

    await expect(archiveChange(parts, inserted)).rejects.toMatchObject({ code: 'archive-busy' });
  });

  it('tells of a change also when it cannot keep its images', async () => {
    const { parts, faults, overwrites } = openBucket();
    faults.push(Object.assign(new Error(), { name: 'AccessDenied' }));

    await expect(archiveChange(parts, modified)).rejects.toThrow();

    expect(overwrites).toEqual([{ table: 'evidence', kind: 'MODIFY', objectKey: FIRST }]);
  });

  it('keeps what is put, and says nothing when it comes twice', async () => {
    const { parts, objects, overwrites } = openBucket();

    await archiveChange(parts, inserted);
    await archiveChange(parts, { ...inserted, after: reversed(image('one')) });

    expect([...objects.keys()]).toEqual([FIRST]);
    expect(objects.get(FIRST)).toContain('"one"');
    expect(overwrites).toEqual([]);
  });

  it.each([
    ['a change', modified],
    ['one that was removed and made again', { ...inserted, after: image('two') }],
  ])('keeps the first image under %s, and the other beside it', async (_what, change) => {
    const { parts, objects, overwrites } = openBucket();
    await archiveChange(parts, inserted);
    const first = objects.get(FIRST);

    await archiveChange(parts, change);
    await archiveChange(parts, change);

    const beside = [...objects.keys()].filter((key) => key !== FIRST);
    expect(objects.get(FIRST)).toBe(first);
    expect(beside).toEqual([expect.stringMatching(/000000000007\.[0-9a-f]{64}\.json$/)]);
    expect(objects.get(beside[0] ?? '')).toContain('"two"');
    expect(overwrites).toContainEqual({ table: 'evidence', kind: change.kind, objectKey: FIRST });
  });

  it.each([
    ['changed', modified],
    ['removed', removed],
  ])('keeps as first what it learns of only when it is %s', async (_what, change) => {
    const { parts, objects, overwrites } = openBucket();

    await archiveChange(parts, change);

    expect(objects.get(FIRST)).toContain('"one"');
    expect(overwrites).toHaveLength(1);
  });

  it('gives different items different names, and numbers their order', () => {
    const names = [
      objectName('evidence', ['tx:1', '9']),
      objectName('evidence', ['tx:1', '10']),
      objectName('evidence', ['tx:1/000000000009', '']),
      objectName('decisions', ['tx#1', '000000000009#d']),
    ];

    expect(new Set(names).size).toBe(names.length);
    expect([...names.slice(0, 2)].sort()).toEqual(names.slice(0, 2));
    expect(names.filter((one) => !/^[\w.%-]+\/[\w.%-]+\/[\w.%-]*$/.test(one))).toEqual([]);
  });
});

describe('a batch of a stream', () => {
  const record = (seq: number, eventName = 'INSERT') => ({
    eventName,
    eventSourceARN: 'arn:aws:dynamodb:us-east-1:1:table/Stack-Evidence1/stream/2026',
    dynamodb: {
      SequenceNumber: `${seq}00`,
      Keys: { pk: { S: 'tx:1' }, seq: { N: `${seq}` } },
      NewImage: image('one'),
    },
  });
  const open = (failAt?: string) => {
    const handled: ImageChange[] = [];
    const failures: unknown[] = [];
    const parts = {
      tables: { 'Stack-Evidence1': 'evidence' },
      async handle(change: ImageChange) {
        if (change.key[1] === failAt) throw new Error('no');
        handled.push(change);
      },
      onFailure: (error: unknown) => void failures.push(error),
    };
    return { handled, failures, parts };
  };

  it('stops at the change that fails, so that it comes again', async () => {
    const { parts, handled, failures } = open('2');
    const event = StreamEvent.parse({ Records: [record(1), record(2), record(3)] });

    const answer = await handleBatch(event, parts);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '200' }] });
    expect(handled.map(({ key }) => key[1])).toEqual(['1']);
    expect(failures).toHaveLength(1);
  });

  it('is handled in order, under the short name of its table', async () => {
    const { parts, handled } = open();
    const event = StreamEvent.parse({ Records: [record(1), record(2, 'MODIFY')] });

    const answer = await handleBatch(event, parts);

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(handled).toMatchObject([
      { table: 'evidence', kind: 'INSERT', key: ['tx:1', '1'], after: image('one') },
      { table: 'evidence', kind: 'MODIFY', key: ['tx:1', '2'] },
    ]);
  });
});

function reversed(item: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).reverse());
}
