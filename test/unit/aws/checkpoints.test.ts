import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { archivedCheckpoints } from '../../../adapters/aws/checkpoints.ts';
import { seeded } from '../../stress/seeded.ts';

/** A bucket that lists upwards and takes conditional puts, as the archive does. */
const openBucket = (sizes: readonly number[] = []) => {
  const objects = new Map<string, string>(
    sizes.map((size) => [keyOf(size), `note of ${size}`] as const),
  );
  const faults: Error[] = [];
  let lists = 0;
  const answers = {
    async send(command: { readonly input: Record<string, unknown> }) {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      const {
        Key: key,
        Body: body,
        IfNoneMatch: condition,
        StartAfter: after = '',
      } = command.input;
      if (command instanceof ListObjectsV2Command) {
        lists += 1;
        const keys = [...objects.keys()].filter((one) => one > `${after}`).sort();
        const shown = command.input.MaxKeys === undefined ? keys : keys.slice(0, 1);
        return { Contents: shown.map((Key) => ({ Key })) };
      }
      const stored = objects.get(`${key}`);
      if (command instanceof GetObjectCommand)
        return { Body: { transformToString: async () => stored } };
      if (condition !== '*') throw new Error('a put must be conditional');
      if (stored !== undefined) throw Object.assign(new Error(), { name: 'PreconditionFailed' });
      objects.set(`${key}`, `${body}`);
      return {};
    },
  };
  // A paginator asks for a real one.
  const client = Object.assign(new S3Client({ region: 'us-east-1' }), answers);
  const open = () => archivedCheckpoints({ client, bucket: 'archive' });
  return { objects, faults, open, lists: () => lists };
};
const keyOf = (size: number) => `checkpoints/${String(size).padStart(16, '0')}`;

describe('the checkpoints in the archive', () => {
  it('are none at first', async () => {
    expect(await openBucket().open().newest()).toBeUndefined();
  });

  it('are published once, under the size', async () => {
    const bucket = openBucket();
    const checkpoints = bucket.open();

    await checkpoints.publish({ size: 7, note: 'seven' });
    await checkpoints.publish({ size: 7, note: 'seven' });

    expect([...bucket.objects]).toEqual([['checkpoints/0000000000000007', 'seven']]);
    expect(await checkpoints.newest()).toEqual({ size: 7, note: 'seven' });
  });

  it('are never replaced: another one of that size is a fork', async () => {
    const bucket = openBucket([7]);

    const published = bucket.open().publish({ size: 7, note: 'forged' });

    await expect(published).rejects.toMatchObject({ code: 'checkpoint-forked' });
    expect(bucket.objects.get(keyOf(7))).toBe('note of 7');
  });

  it('throw what may be tried again when the bucket is out of reach', async () => {
    const { faults, open } = openBucket();
    const slow = () => Object.assign(new Error(), { name: 'SlowDown' });

    faults.push(slow());
    await expect(open().newest()).rejects.toMatchObject({ code: 'archive-busy' });
    faults.push(slow());
    await expect(open().publish({ size: 1, note: '' })).rejects.toMatchObject({
      code: 'archive-busy',
    });
  });

  it('are all shown, the smallest first', async () => {
    const { open } = openBucket([20, 3, 100]);

    expect((await open().all()).map(({ size }) => size)).toEqual([3, 20, 100]);
  });

  it('show the largest of many in few looks', async () => {
    const bucket = openBucket(Array.from({ length: 5000 }, (_, index) => index + 1));

    expect(await bucket.open().newest()).toMatchObject({ size: 5000 });
    expect(bucket.lists()).toBeLessThan(40);
  });

  it('show the largest of any sizes, and find it in few looks', async () => {
    const seed = Date.now();
    console.log(`seed ${seed}`);
    const random = seeded(seed);
    for (let round = 0; round < 300; round += 1) {
      const count = 1 + Math.floor(random() * 40);
      const reach = 2 ** Math.floor(random() * 40);
      const sizes = Array.from({ length: count }, () => 1 + Math.floor(random() * reach));
      const bucket = openBucket(sizes);
      const checkpoints = bucket.open();
      const largest = Math.max(...sizes);

      expect(await checkpoints.newest()).toEqual({ size: largest, note: `note of ${largest}` });
      const looks = bucket.lists();
      expect(looks).toBeLessThan(90);

      await checkpoints.publish({ size: largest + 3, note: 'next' });
      expect(await checkpoints.newest()).toMatchObject({ size: largest + 3 });
      expect(bucket.lists()).toBe(looks);
    }
  });
});
