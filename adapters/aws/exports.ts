import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { repeatable } from './sdk-errors.ts';

/** Seconds for which an address can be used: long enough to follow a redirect. */
const ADDRESS_SECONDS = 300;

/** Puts bundles that are too large for an answer where their caller can fetch them. */
export function bundleExports({
  client,
  bucket,
}: {
  readonly client: S3Client;
  readonly bucket: string;
}): (streamId: string, bundle: Uint8Array) => Promise<string> {
  return async (streamId, bundle) => {
    // By content: the same bundle is the same object, and no address shows a later one.
    const Key = `bundles/${streamId.replace(':', '/')}/${createHash('sha256').update(bundle).digest('hex')}.json`;
    const object = { Bucket: bucket, Key };
    const put = new PutObjectCommand({ ...object, Body: bundle, ContentType: 'application/json' });
    await repeatable('exports-unreachable', () => client.send(put));
    return getSignedUrl(client, new GetObjectCommand(object), { expiresIn: ADDRESS_SECONDS });
  };
}
