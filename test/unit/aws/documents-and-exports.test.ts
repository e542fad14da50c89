import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { auditDocuments } from '../../../adapters/aws/audit-documents.ts';
import { bundleExports } from '../../../adapters/aws/exports.ts';
import { TransientError } from '../../../core/errors.ts';
import { named } from './fake-executions.ts';

const BUCKET = 'audits-of-a-test';
const BUNDLE = Buffer.from('{"bundle":1}');
const DIGEST = createHash('sha256').update(BUNDLE).digest('hex');

let objects: Map<string, { readonly body: string; readonly type: string | undefined }>;
let faults: Error[];
let client: S3Client;
beforeEach(() => {
  objects = new Map();
  faults = [];
  client = {
    async send(command: unknown) {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      if (command instanceof PutObjectCommand) {
        const { Bucket, Key, Body, ContentType } = command.input;
        objects.set(`${Bucket}/${Key}`, { body: `${Body}`, type: ContentType });
        return {};
      }
      if (!(command instanceof GetObjectCommand)) throw new Error('unexpected');
      const found = objects.get(`${command.input.Bucket}/${command.input.Key}`);
      if (found === undefined) throw named('NoSuchKey');
      return { Body: { transformToString: async () => found.body } };
    },
  } as unknown as S3Client;
});

describe('the documents of audits', () => {
  const documents = () => auditDocuments({ client, bucket: BUCKET });

  test('that are not there are undefined', async () => {
    expect(await documents().load('audit-1', 'report')).toBeUndefined();
  });

  test.each(['AccessDenied', 'NoSuchBucket'])(
    'that %s hides are not taken for absent',
    async (name) => {
      faults.push(named(name));

      await expect(documents().load('audit-1', 'report')).rejects.toMatchObject({ name });
    },
  );

  test('that are no JSON are not taken for absent', async () => {
    objects.set(`${BUCKET}/audits/audit-1/report.json`, { body: '', type: undefined });

    await expect(documents().load('audit-1', 'report')).rejects.toBeInstanceOf(SyntaxError);
  });

  test('can be asked for, and written, again when the bucket is busy', async () => {
    faults.push(named('SlowDown'), named('SlowDown'));

    const loading = documents().load('audit-1', 'report');
    const saving = documents().save('audit-1', 'report', {});

    for (const one of [loading, saving])
      await expect(one).rejects.toMatchObject({
        name: 'TransientError',
        code: 'audits-unreachable',
      });
  });

  test('are read as they were last written, by audit and name', async () => {
    const report = { plans: [], text: 'naïve \u{1F512}' };
    await documents().save('audit-1', 'report', { plans: [1] });
    await documents().save('audit-1', 'report', report);
    await documents().save('audit-2', 'report', { plans: [2] });

    expect(await documents().load('audit-1', 'report')).toEqual(report);
    expect(await documents().load('audit-1', 'progress')).toBeUndefined();
    expect([...objects.keys()]).toEqual([
      `${BUCKET}/audits/audit-1/report.json`,
      `${BUCKET}/audits/audit-2/report.json`,
    ]);
    expect(objects.get(`${BUCKET}/audits/audit-1/report.json`)?.type).toBe('application/json');
  });
});

describe('a bundle that is exported', () => {
  /** Signs addresses itself; what it sends is caught. */
  function exporting() {
    const signing = new S3Client({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'an-id', secretAccessKey: 'a-word' },
    });
    signing.send = client.send as never;
    return bundleExports({ client: signing, bucket: BUCKET });
  }

  test('has no address when it could not be put there', async () => {
    faults.push(named('SlowDown'));

    await expect(exporting()('tx:tx-1', BUNDLE)).rejects.toBeInstanceOf(TransientError);
  });

  test('is named by its content, so that no address shows a later one', async () => {
    await exporting()('tx:tx-1', BUNDLE);
    await exporting()('tx:tx-1', BUNDLE);
    await exporting()('tx:tx-1', Buffer.from('{"bundle":2}'));

    expect([...objects.keys()][0]).toBe(`${BUCKET}/bundles/tx/tx-1/${DIGEST}.json`);
    expect(objects.size).toBe(2);
    expect(objects.get(`${BUCKET}/bundles/tx/tx-1/${DIGEST}.json`)?.body).toBe(`${BUNDLE}`);
  });

  test('has an address of its own for five minutes, to read and nothing else', async () => {
    const address = new URL(await exporting()('tx:tx-1', BUNDLE));

    expect(address.protocol).toBe('https:');
    expect(`${address.hostname}${address.pathname}`).toContain(`bundles/tx/tx-1/${DIGEST}.json`);
    expect(address.searchParams.get('X-Amz-Expires')).toBe('300');
    expect(address.searchParams.get('x-id')).toBe('GetObject');
    expect(address.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    expect(address.href).not.toContain('a-word');
  });
});
