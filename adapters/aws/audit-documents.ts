import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { JsonObject } from '../../core/json.ts';
import { nameOf, repeatable } from './sdk-errors.ts';

const UNREACHABLE = 'audits-unreachable';

/** What audits write down, in a bucket: `audits/AUDIT/NAME.json`. */
export function auditDocuments({
  client,
  bucket,
}: {
  readonly client: S3Client;
  readonly bucket: string;
}) {
  const objectOf = (auditId: string, name: string) => ({
    Bucket: bucket,
    Key: `audits/${auditId}/${name}.json`,
  });
  return {
    async save(auditId: string, name: string, document: object): Promise<void> {
      const object = { ...objectOf(auditId, name), ContentType: 'application/json' };
      const put = new PutObjectCommand({ ...object, Body: JSON.stringify(document) });
      await repeatable(UNREACHABLE, () => client.send(put));
    },
    async load(auditId: string, name: string): Promise<JsonObject | undefined> {
      const get = new GetObjectCommand(objectOf(auditId, name));
      try {
        const { Body } = await repeatable(UNREACHABLE, () => client.send(get));
        return JSON.parse((await Body?.transformToString()) ?? '') as JsonObject;
      } catch (error) {
        if (nameOf(error) === 'NoSuchKey') return undefined;
        throw error;
      }
    },
  };
}
