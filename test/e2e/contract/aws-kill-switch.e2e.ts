import { randomUUID } from 'node:crypto';
import {
  DeleteTableCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { awsKillSwitch, PARAMETER_AGE_MS_MAX } from '../../../adapters/aws/kill-switch.ts';
import { fencingKillSwitch, followParameter } from '../../../adapters/aws/parameter-follower.ts';
import { dynamoStore } from '../../../adapters/aws/store.ts';
import { FENCE_COPIES, fenceKey, text } from '../../../adapters/aws/store-items.ts';
import { HaltedError } from '../../../core/errors.ts';
import { parseRecord } from '../../../core/evidence/record.ts';
import type { KillMode } from '../../../core/ports/kill-switch.ts';
import { killSwitchContract, type OpenedKillSwitch } from '../../contract/kill-switch-contract.ts';
import { NOW_MS, put, sampleRecord, write } from '../../contract/store-samples.ts';
import { clientOptions, type Emulator, startEmulator } from '../emulator/emulator.ts';
import { testTables } from './aws-world.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

const { seq: _, ...FIRST } = sampleRecord('control:2026-01-01', 0, 'kill-switch');
const settingOf = (scope: string, mode: KillMode) => ({
  ...{ scope, mode, by: 'ops', reason: 'a test', at: NOW_MS },
});

const openWorld = () => {
  const tables = testTables(emulator);
  const { names } = tables;
  const ssm = new SSMClient(clientOptions(emulator));
  const parameter = `/interlock/${randomUUID()}`;
  const time = { ms: NOW_MS };
  const partsOf = (client: DynamoDBClient) => ({
    ...{ client, ssm, parameter, tables: names, now: () => time.ms },
  });
  return {
    ...{ tables, names, ssm, parameter, time, partsOf },
    close() {
      ssm.destroy();
      tables.close();
    },
  };
};

const open = (): OpenedKillSwitch => {
  const { tables, names, ssm, parameter, partsOf, close } = openWorld();
  tables.queue((client) => awsKillSwitch(partsOf(client)).set(settingOf('all', 'running'), FIRST));
  const [one, two] = [tables.client(), tables.client()];
  const ofAllCopies = (change: object) =>
    tables.queue(async (client) => {
      for (let copy = 0; copy < FENCE_COPIES; copy += 1)
        await client.send(
          new UpdateItemCommand({ TableName: names.transactions, Key: fenceKey(copy), ...change }),
        );
    });
  return {
    killSwitch: awsKillSwitch(partsOf(one)),
    other: awsKillSwitch(partsOf(two)),
    store: dynamoStore({ client: one, tables: names }),
    forget: (scope) =>
      ofAllCopies({
        UpdateExpression: 'REMOVE #scope',
        ExpressionAttributeNames: { '#scope': scope },
      }),
    garble: (scope) =>
      ofAllCopies({
        UpdateExpression: 'SET #scope = :mode',
        ExpressionAttributeNames: { '#scope': scope },
        ExpressionAttributeValues: { ':mode': text('Running') },
      }),
    destroy: () =>
      tables.queue(async (client) => {
        await client.send(new DeleteTableCommand({ TableName: names.transactions }));
        await ssm.send(new DeleteParameterCommand({ Name: parameter }));
      }),
    close,
  };
};

killSwitchContract('aws', open);

describe('the SSM parameter', () => {
  let world: ReturnType<typeof openWorld>;
  let client: DynamoDBClient;
  beforeEach(async () => {
    world = openWorld();
    client = world.tables.client();
    await set('all', 'running');
  });
  afterEach(() => world.close());

  const set = (scope: string, mode: KillMode) =>
    awsKillSwitch(world.partsOf(client)).set(settingOf(scope, mode), FIRST);
  const outOfBand = (Value: string) =>
    world.ssm.send(
      new PutParameterCommand({ Name: world.parameter, Value, Type: 'String', Overwrite: true }),
    );
  const controls = async () => {
    const store = dynamoStore({ client, tables: world.names });
    const streams = await store.streams();
    const records = await Promise.all(streams.map((stream) => store.records(stream)));
    return records.flat().map(parseRecord);
  };
  const claims = async () => {
    const store = dynamoStore({ client, tables: world.names });
    await put(store, 'tx-1');
    return write(store, 'tx-1', { write: 'fence', scopes: [], refuse: ['halt', 'freeze'] });
  };

  it('halts while it is not there, on a new switch too', async () => {
    await world.ssm.send(new DeleteParameterCommand({ Name: world.parameter }));
    const killSwitch = awsKillSwitch(world.partsOf(client));

    expect(await killSwitch.effective([])).toBe('halt');
    expect(await killSwitch.settings()).toMatchObject([{ scope: 'all', mode: 'halt' }]);
  });

  it.each(['', 'Running', '{"all":', '{"agent:x":"running"}', '{"all":7}', '[]'])(
    'halts on `%s`',
    async (value) => {
      // SSM takes no empty value.
      await outOfBand(value === '' ? ' ' : value);

      expect(await awsKillSwitch(world.partsOf(client)).effective([])).toBe('halt');
    },
  );

  it('cannot be read: halted', async () => {
    const ssm = new SSMClient({ ...clientOptions(emulator), endpoint: 'http://127.0.0.1:1' });

    expect(await awsKillSwitch({ ...world.partsOf(client), ssm }).effective([])).toBe('halt');
  });

  it('engages within a second of being set, and not before it is read again', async () => {
    const killSwitch = awsKillSwitch(world.partsOf(client));
    await killSwitch.effective([]);

    await outOfBand('freeze');

    world.time.ms += PARAMETER_AGE_MS_MAX - 1;
    expect(await killSwitch.effective([])).toBe('running');
    world.time.ms += 1;
    expect(await killSwitch.effective([])).toBe('freeze');
  });

  it('engages one agent alone', async () => {
    await outOfBand('{"all":"running","agent:iam-auditor":"halt"}');
    const killSwitch = awsKillSwitch(world.partsOf(client));

    expect(await killSwitch.effective(['agent:iam-auditor'])).toBe('halt');
    expect(await killSwitch.effective(['agent:other'])).toBe('running');
  });

  it('releases nothing', async () => {
    await set('all', 'halt');

    await outOfBand('running');

    expect(await awsKillSwitch(world.partsOf(client)).effective([])).toBe('halt');
    await expect(claims()).rejects.toThrow(HaltedError);
  });

  it('moves the fence with a record when an authorize sees it, once', async () => {
    await outOfBand('halt');
    const killSwitch = fencingKillSwitch(world.partsOf(client));

    expect(await killSwitch.effective([])).toBe('halt');
    expect(await killSwitch.effective([])).toBe('halt');

    await expect(claims()).rejects.toThrow(HaltedError);
    const moves = (await controls()).map((one) => one.data);
    expect(moves.filter((one) => one['reason'] !== undefined)).toMatchObject([
      { scope: 'all', mode: 'halt' },
    ]);
  });

  it('moves the fence for every scope that it engages, and releases none', async () => {
    await set('action:iam:DetachRolePolicy', 'halt');
    await outOfBand('{"all":"drain","agent:a":"freeze","action:iam:DetachRolePolicy":"running"}');

    const moved = await followParameter(world.partsOf(client));

    const moves = moved.map(({ scope, mode }) => `${scope} ${mode}`);
    expect(moves).toEqual(['all drain', 'agent:a freeze']);
    expect(await followParameter(world.partsOf(client))).toEqual([]);
    const killSwitch = awsKillSwitch(world.partsOf(client));
    expect(await killSwitch.effective(['action:iam:DetachRolePolicy'])).toBe('halt');
  });

  it('moves the fence when it is deleted, and is released again', async () => {
    await set('all', 'halt');
    await set('all', 'running');
    await world.ssm.send(new DeleteParameterCommand({ Name: world.parameter }));
    const killSwitch = fencingKillSwitch(world.partsOf(client));

    expect(await killSwitch.effective([])).toBe('halt');
    await expect(claims()).rejects.toThrow(HaltedError);
    await set('all', 'running');

    expect(await killSwitch.effective([])).toBe('running');
    await expect(claims()).resolves.toBeUndefined();
  });

  it('is released again after it was deleted and nobody has noticed', async () => {
    await set('all', 'halt');
    await set('all', 'running');
    await world.ssm.send(new DeleteParameterCommand({ Name: world.parameter }));

    await set('all', 'halt');
    await set('all', 'running');

    expect(await awsKillSwitch(world.partsOf(client)).effective([])).toBe('running');
    await expect(claims()).resolves.toBeUndefined();
  });

  it('is followed by no fence that a later release has moved', async () => {
    const late = fencingKillSwitch(world.partsOf(client));
    await outOfBand('halt');
    await late.effective([]);
    await set('all', 'running');

    expect(await late.effective([])).toBe('running');
    await expect(claims()).resolves.toBeUndefined();
  });

  it('is released for claims last: they see the fence alone', async () => {
    await set('all', 'freeze');
    const ssm = new SSMClient({ ...clientOptions(emulator), endpoint: 'http://127.0.0.1:1' });
    const cut = awsKillSwitch({ ...world.partsOf(client), ssm });

    await expect(cut.set(settingOf('all', 'running'), FIRST)).rejects.toThrow('ECONNREFUSED');

    await expect(claims()).rejects.toThrow(HaltedError);
  });

  it('is engaged for claims first', async () => {
    const ssm = new SSMClient({ ...clientOptions(emulator), endpoint: 'http://127.0.0.1:1' });
    const cut = awsKillSwitch({ ...world.partsOf(client), ssm });

    await expect(cut.set(settingOf('all', 'halt'), FIRST)).rejects.toThrow('ECONNREFUSED');

    await expect(claims()).rejects.toThrow(HaltedError);
  });
});
