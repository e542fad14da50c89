import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { archivedCheckpoints } from '../../adapters/aws/checkpoints.ts';
import { dynamoControlStreams } from '../../adapters/aws/control-streams.ts';
import { dynamoLogStore } from '../../adapters/aws/log-store.ts';
import { hostClock } from '../../adapters/embedded/clock.ts';
import type { Client } from '../../api/client.ts';
import { hexOf } from '../../core/evidence/bytes.ts';
import { openCheckpoint, parseBundle, verifyBundle } from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import type { ControlStreams } from '../../core/ports/control-streams.ts';
import type { LogStore } from '../../core/ports/log-store.ts';
import { signSeal } from '../../core/tasks/sign-seal.ts';
import { memorySigner } from '../integration/support/memory-signer.ts';
import { agentClient } from './callers.ts';
import { deployedTables } from './deployed-tables.ts';
import { outcomeOf } from './emulator/account.ts';
import { clientOptions } from './emulator/emulator.ts';
import { untilHolds } from './emulator/until.ts';
import { allLogs } from './logs.ts';
import { sessionsOf } from './probe.ts';
import {
  ended,
  invoke,
  makeRoles,
  narrowingPlan,
  openWorld,
  outputOf,
  type World,
} from './world.ts';

/** From the seal into the log: its stream is polled, and seals are gathered for a second. */
const LOGGED_MS_MAX = 30_000;
/** Control streams are sealed each minute. */
const CONTROL_MS_MAX = 100_000;

let world: World;
let agent: Client;
let s3: S3Client;
let Bucket: string;
let log: LogStore;
let control: ControlStreams;
/** Of the log: all that an outsider has to know. */
let publicKey: Uint8Array;
beforeAll(async () => {
  world = await openWorld({ auditor: { mode: 'propose', schedule: 'off' } });
  const options = clientOptions(world.emulator);
  s3 = new S3Client({ ...options, forcePathStyle: true });
  Bucket = outputOf(world.outputs, 'ArchiveBucket');
  const tables = deployedTables(world.outputs);
  log = dynamoLogStore({ client: world.dynamo, tables });
  control = dynamoControlStreams({ client: world.dynamo, tables });
  const kms = new KMSClient(options);
  const { PublicKey } = await kms.send(
    new GetPublicKeyCommand({ KeyId: outputOf(world.outputs, 'LogKey') }),
  );
  publicKey = PublicKey as Uint8Array;
  await world.setKillSwitch('running');
  agent = await agentClient(world, 'iam-auditor');
});
afterAll(() => world.stop());

/** Runs a transaction to its end; its stream. */
async function committed(steps = 1): Promise<{ readonly id: string; readonly streamId: string }> {
  const { transaction } = await agent.propose(narrowingPlan(await makeRoles(world, steps)));
  await ended(world, transaction.id, 'committed');
  return { id: transaction.id, streamId: `tx:${transaction.id}` };
}

const untilLogged = async (streamId: string, withinMs = LOGGED_MS_MAX) => {
  const startedAt = Date.now();
  await untilHolds(async () => {
    const last = (await world.store.seals(streamId)).at(-1);
    return last !== undefined && (await log.positionOf(streamId, last.treeSize)) !== undefined;
  }, withinMs);
  return Date.now() - startedAt;
};
/** As a new process finds it. */
const newest = () => archivedCheckpoints({ client: s3, bucket: Bucket }).newest();
const head = async () => {
  const found = await log.head();
  if (found === undefined) throw new Error('the log is empty');
  return found;
};

describe('the account-wide log', () => {
  it('has the seal of a transaction within seconds, under a checkpoint that is in the archive', async () => {
    const { streamId } = await committed(2);

    const lagMs = await untilLogged(streamId);

    console.log(`in the log ${lagMs} ms after its end was seen`);
    const { size, root, checkpoint } = await head();
    const opened = openCheckpoint(nodeCrypto, checkpoint, publicKey);
    expect([opened.size, Buffer.from(opened.root).toString('hex')]).toEqual([size, root]);
    await untilHolds(async () => (await newest())?.size === size, LOGGED_MS_MAX);
    expect(await newest()).toEqual({ size, note: checkpoint });
  });

  it('lets an outsider who knows its key alone verify all of a bundle of the API', async () => {
    const { id, streamId } = await committed();
    await untilLogged(streamId);

    const bundle = parseBundle(await agent.readBundle(id));

    const trusting = (keyId: string) =>
      verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [keyId] });
    const { ok, ...checks } = trusting(hexOf(nodeCrypto.sha256(publicKey)));
    expect(Object.entries(checks).map(([name, check]) => [name, check.ok])).toEqual(
      ['integrity', 'signer', 'complete', 'outcome'].map((name) => [name, true]),
    );
    expect(ok).toBe(true);
    expect(trusting('0'.repeat(64))).toMatchObject({
      ...{ ok: false, signer: { ok: 'unknown' }, complete: { ok: 'unknown' } },
    });
  });

  it('has what was done to the kill switch, sealed within a minute', async () => {
    await world.setKillSwitch('drain');
    await world.setKillSwitch('running');
    const [today = ''] = await control.open();
    const { length } = await world.store.records(today);

    await untilHolds(async () => {
      const last = (await world.store.seals(today)).at(-1);
      return last !== undefined && last.treeSize >= length;
    }, CONTROL_MS_MAX);

    await untilLogged(today);
    expect(today).toMatch(/^control:/);
  });

  it('is archived item by item, and nothing of it was ever changed', async () => {
    const { size } = await head();
    const key = `log/heads/${String(size).padStart(12, '0')}.json`;

    await untilHolds(async () => {
      const found = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'log/heads/' }));
      return (found.Contents ?? []).some(({ Key }) => Key === key);
    }, LOGGED_MS_MAX);

    expect(await allLogs(world)).not.toContain('"EvidenceOverwritten"');
  });

  it('is moved by nothing that an event says', async () => {
    expect(await invoke(world, 'seal', { seal: 'everything' })).toMatchObject({
      error: 'InvalidInputError',
    });
    const { size } = await head();
    expect(await invoke(world, 'sequence', { pending: ['forged'] })).toEqual({ answer: null });
    expect((await head()).size).toBe(size);
  });
});

describe('a published checkpoint', () => {
  it('is under lock: not even its writer overwrites or deletes it, or puts another', async () => {
    const functions = new Map([...world.functions].filter(([entry]) => entry === 'sequence'));
    const session = (await sessionsOf({ ...world, functions })).get('sequence');
    if (session === undefined) throw new Error('there is no sequence');
    const client = new S3Client({ ...session, forcePathStyle: true });
    const { size, note } = (await newest()) ?? { size: 0, note: '' };
    const Key = `checkpoints/${String(size).padStart(16, '0')}`;
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
    const [{ VersionId } = {}] = Versions;
    const put = { Bucket, Key, Body: 'forged' };

    const outcomes = [
      await outcomeOf(client.send(new PutObjectCommand({ ...put, IfNoneMatch: '*' }))),
      await outcomeOf(client.send(new PutObjectCommand(put))),
      await outcomeOf(client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))),
      await outcomeOf(
        archivedCheckpoints({ client, bucket: Bucket }).publish({ size, note: 'forged' }),
      ),
    ];

    expect(outcomes).toEqual([
      ...['PreconditionFailed', 'AccessDenied', 'AccessDenied', 'EvidenceError'],
    ]);
    expect(Versions).toHaveLength(1);
    expect(await newest()).toEqual({ size, note });
  });
});

describe('a seal by a key that does not seal here', () => {
  it('is not taken into the log, which is on record', async () => {
    const { streamId } = await committed();
    await untilLogged(streamId);
    const signer = memorySigner();
    const last = (await world.store.seals(streamId)).at(-1);
    const treeSize = (last?.treeSize ?? 0) + 1;
    const wish = { streamId, treeSize, root: '0'.repeat(64), status: 'committed', last } as const;
    const ports = { crypto: nodeCrypto, signer, clock: hostClock };

    await control.seal(await signSeal(ports, wish), { isLast: false });

    await untilHolds(async () => (await allLogs(world)).includes('key-unknown'), LOGGED_MS_MAX);

    expect(await log.positionOf(streamId, treeSize)).toBeUndefined();
    expect(await log.keyEntry(signer.keyId)).toBeUndefined();
    const [today = ''] = await control.open();
    const records = (await world.store.records(today)).map((one) => Buffer.from(one).toString());
    expect(records.some((one) => one.includes('"call":"log:Append"'))).toBe(true);
  });
});
