import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { EvidenceError, TransientError } from '../../core/errors.ts';
import type { Checkpoints, PublishedCheckpoint } from '../../core/ports/checkpoints.ts';
import { CHECKPOINTS_PREFIX } from './archive-names.ts';
import { nameOf, repeatable } from './sdk-errors.ts';

/** Digits of a size in a key, so that keys are in the order of sizes. */
const SIZE_DIGITS = 16;
/** Looks for the largest: two for each doubling of a size of 2^53, and others publish meanwhile. */
const LOOKS_MAX = 200;
const UNREACHABLE = 'archive-busy';

/**
 * The checkpoints of a log in the archive, under its lock: each is an object named after its size,
 * put only where none is. Throws `TransientError` (`archive-busy`) when the bucket is out of reach.
 */
export function archivedCheckpoints({
  client,
  bucket,
}: {
  readonly client: S3Client;
  readonly bucket: string;
}): Checkpoints {
  const read = async (size: number): Promise<PublishedCheckpoint> => {
    const command = new GetObjectCommand({ Bucket: bucket, Key: keyOf(size) });
    const { Body } = await repeatable(UNREACHABLE, () => client.send(command));
    return { size, note: (await Body?.transformToString()) ?? '' };
  };
  const nextAfter = (size: number) => firstAbove(client, bucket, size);
  let known: PublishedCheckpoint | undefined;
  return {
    async newest() {
      if (known !== undefined) return known;
      // Looked for once: what others publish meanwhile is in the log.
      const largest = await largestOf(nextAfter);
      if (largest > 0) known = await read(largest);
      return known;
    },
    async publish({ size, note }) {
      const isNew = await putNew(client, bucket, { size, note });
      if (isNew || (await read(size)).note === note) {
        if (size > (known?.size ?? 0)) known = { size, note };
        return;
      }
      throw new EvidenceError(
        'checkpoint-forked',
        `another checkpoint of ${size} entries was published`,
        { hint: 'the log was forked or put back: keep both, they show that' },
      );
    },
    async all() {
      const found: PublishedCheckpoint[] = [];
      const where = { Bucket: bucket, Prefix: CHECKPOINTS_PREFIX };
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, where))
        for (const { Key = '' } of Contents) found.push(await read(sizeOf(Key)));
      return found;
    },
  };
}

/**
 * The largest size that is there; 0 for none. S3 lists upwards alone, and a log may
 * have millions of checkpoints: so it is looked for in strides, which double and then halve.
 */
async function largestOf(
  nextAfter: (size: number) => Promise<number | undefined>,
): Promise<number> {
  let largest = 0;
  let stride = 0;
  let isGrowing = true;
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const next = await nextAfter(largest + stride);
    if (next === undefined && stride === 0) return largest;
    // INVARIANT: once one was not found, there is none above `largest` and twice the stride.
    if (next === undefined) isGrowing = false;
    else largest = next;
    stride = isGrowing ? Math.max(1, stride * 2) : Math.floor(stride / 2);
  }
  throw new TransientError(UNREACHABLE, 'checkpoints are published faster than they are looked at');
}

async function firstAbove(
  client: S3Client,
  bucket: string,
  size: number,
): Promise<number | undefined> {
  const command = new ListObjectsV2Command({
    ...{ Bucket: bucket, Prefix: CHECKPOINTS_PREFIX },
    ...{ StartAfter: keyOf(size), MaxKeys: 1 },
  });
  const { Contents: [first] = [] } = await repeatable(UNREACHABLE, () => client.send(command));
  return first?.Key === undefined ? undefined : sizeOf(first.Key);
}

/** False when there is one of that size, which stays as it is. */
async function putNew(
  client: S3Client,
  bucket: string,
  { size, note }: PublishedCheckpoint,
): Promise<boolean> {
  const command = new PutObjectCommand({
    ...{ Bucket: bucket, Key: keyOf(size), Body: note, IfNoneMatch: '*' },
    ContentType: 'text/plain; charset=utf-8',
  });
  try {
    await repeatable(UNREACHABLE, () => client.send(command));
    return true;
  } catch (error) {
    if (nameOf(error) !== 'PreconditionFailed') throw error;
    return false;
  }
}

function keyOf(size: number): string {
  return `${CHECKPOINTS_PREFIX}${String(size).padStart(SIZE_DIGITS, '0')}`;
}

function sizeOf(key: string): number {
  return Number(key.slice(CHECKPOINTS_PREFIX.length));
}
