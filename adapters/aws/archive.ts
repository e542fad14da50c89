import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import canonicalize from 'canonicalize';
import { nameOf, repeatable } from './sdk-errors.ts';

/** An item of a table as a stream shows it, binary values in base64. */
export type Image = Readonly<Record<string, unknown>>;

/** One change of an append-only table, in the order of its stream. */
export interface ImageChange {
  /** `evidence`, `decisions` or `log`. */
  readonly table: string;
  readonly kind: 'INSERT' | 'MODIFY' | 'REMOVE';
  /** Partition and sort key. */
  readonly key: readonly [string, string];
  readonly before?: Image;
  readonly after?: Image;
}

/** Something that is only ever put was changed, removed or made again. */
export interface Overwrite {
  readonly table: string;
  readonly kind: ImageChange['kind'];
  /** Where in the archive the first image is; later ones stand beside it. */
  readonly objectKey: string;
}

export interface ArchiveParts {
  readonly client: S3Client;
  readonly bucket: string;
  /** Told of every overwrite; again when its images are archived only at a second try. */
  readonly onOverwrite: (overwrite: Overwrite) => void;
}

/**
 * Keeps the images of one change. The first of a key is kept under the key, every other one beside
 * it under its digest, never over it. Safe to repeat. Throws `TransientError` (`archive-busy`).
 */
export async function archiveChange(parts: ArchiveParts, change: ImageChange): Promise<void> {
  const { table, kind, key, before, after } = change;
  const name = objectName(table, key);
  const tell = () => parts.onOverwrite({ table, kind, objectKey: `${name}.json` });
  // At once, whatever becomes of its images.
  if (kind !== 'INSERT') tell();
  // The old one too: it may be the first that the stream shows us.
  for (const image of [before, after]) {
    if (image === undefined) continue;
    const place = await keepImage(parts, name, image);
    if (kind === 'INSERT' && place === 'beside') tell();
  }
}

/** Where the images of an item are, without the ending. Numbers sort as such. */
export function objectName(table: string, [partition, sort]: ImageChange['key']): string {
  const position = /^\d+$/.test(sort) ? sort.padStart(SORT_DIGITS, '0') : sort;
  return [table, partition, position].map(encodeURIComponent).join('/');
}

const SORT_DIGITS = 12;

async function keepImage(
  parts: ArchiveParts,
  name: string,
  image: Image,
): Promise<'first' | 'beside'> {
  // RFC 8785: the same item has the same bytes in every event.
  const bytes = Buffer.from(canonicalize(image) ?? '');
  const first = `${name}.json`;
  if (await putNew(parts, first, bytes)) return 'first';
  if (Buffer.compare(await read(parts, first), bytes) === 0) return 'first';
  const digest = createHash('sha256').update(bytes).digest('hex');
  await putNew(parts, `${name}.${digest}.json`, bytes);
  return 'beside';
}

/** False when there is an object of that key, which stays as it is. */
async function putNew(
  { client, bucket }: ArchiveParts,
  key: string,
  bytes: Uint8Array,
): Promise<boolean> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentType: 'application/json',
    IfNoneMatch: '*',
  });
  try {
    await repeatable('archive-busy', () => client.send(command));
    return true;
  } catch (error) {
    if (nameOf(error) !== 'PreconditionFailed') throw error;
    return false;
  }
}

async function read({ client, bucket }: ArchiveParts, key: string): Promise<Uint8Array> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: key });
  const { Body } = await repeatable('archive-busy', () => client.send(command));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}
