import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient, SignCommand, VerifyCommand } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRole } from './account.ts';
import { clientOptions, type Emulator, startEmulator } from './emulator.ts';
import { createFunction } from './lambda.ts';
import { untilHolds } from './until.ts';

describe('an emulator', () => {
  test('starts, stops and starts again, and leaves no process and no file', async () => {
    for (let round = 0; round < 2; round += 1) {
      const emulator = await startEmulator();
      const folder = folderOf(emulator);
      const during = [await answers(emulator.endpoint), membersOf(emulator.pid) > 0];

      await emulator.stop();
      await emulator.stop();

      expect(during).toEqual([true, true]);
      expect(await answers(emulator.endpoint)).toBe(false);
      expect(membersOf(emulator.pid)).toBe(0);
      expect(existsSync(folder)).toBe(false);
    }
  });

  test('ends with its Lambdas, also with one that never returns', async () => {
    const emulator = await startEmulator();
    const role = await createRole(emulator, { name: 'endless' });
    const text = 'exports.handler = () => { for (;;); };';
    const FunctionName = await createFunction(emulator, { name: 'endless', role, text });
    const before = membersOf(emulator.pid);
    const client = new LambdaClient(clientOptions(emulator));
    await client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event' }));
    await untilHolds(() => membersOf(emulator.pid) > before);
    await wait(BUSY_MS);

    await emulator.stop();

    expect(membersOf(emulator.pid)).toBe(0);
  });

  test('ends when the process that started it is killed', async () => {
    const script = `
      import { startEmulator } from ${JSON.stringify(`${import.meta.dirname}/emulator.ts`)};
      const { pid, endpoint, env } = await startEmulator();
      console.log(JSON.stringify({ pid, endpoint, env }));
      setInterval(() => {}, 1000);`;
    const parameters = ['--input-type=module-typescript', '--eval', script];
    const parent = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const orphan = JSON.parse(line) as Pick<Emulator, 'pid' | 'endpoint' | 'env'>;
    const folder = folderOf(orphan);
    const isUp = [await answers(orphan.endpoint), existsSync(folder)];

    parent.kill('SIGKILL');
    await untilHolds(() => membersOf(orphan.pid) === 0);

    expect(isUp).toEqual([true, true]);
    expect(await answers(orphan.endpoint)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });

  test('hands out an environment without what the caller has of AWS', async () => {
    process.env['AWS_SESSION_TOKEN'] = 'of-the-caller';
    const emulator = await startEmulator();
    delete process.env['AWS_SESSION_TOKEN'];

    await emulator.stop();

    const names = Object.keys(emulator.env).filter((name) => name.startsWith('AWS_'));
    expect(names).not.toContain('AWS_SESSION_TOKEN');
    expect(emulator.env['AWS_ENDPOINT_URL']).toBe(emulator.endpoint);
    expect(emulator.env['PATH']).toBe(process.env['PATH']);
  });

  test('refuses to start without keys', async () => {
    const { AWS_ACCESS_KEY_ID: id } = process.env;
    delete process.env['AWS_ACCESS_KEY_ID'];

    const start = startEmulator();

    await expect(start).rejects.toThrow('run that');
    process.env['AWS_ACCESS_KEY_ID'] = id;
  });
});

describe('the services that the AWS form rests on', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator.stop());

  test('DynamoDB refuses a conditional write whose condition does not hold', async () => {
    const client = new DynamoDBClient(clientOptions(emulator));
    await client.send(
      new CreateTableCommand({
        TableName: 'transactions',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    await waitUntilTableExists(
      { client, minDelay: 1, maxWaitTime: 10 },
      { TableName: 'transactions' },
    );
    const put = new PutItemCommand({
      TableName: 'transactions',
      Item: { id: { S: 'tx-1' } },
      ConditionExpression: 'attribute_not_exists(id)',
    });
    await client.send(put);

    const second = client.send(put);

    await expect(second).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  });

  test('KMS signs with P-256 and verifies the signature of that digest only', async () => {
    const client = new KMSClient(clientOptions(emulator));
    const made = await client.send(
      new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
    );
    const request = {
      KeyId: made.KeyMetadata?.KeyId,
      Message: new Uint8Array(32).fill(7),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    } as const;

    const { Signature } = await client.send(new SignCommand(request));
    const same = await client.send(new VerifyCommand({ ...request, Signature }));
    const other = { ...request, Message: new Uint8Array(32).fill(8), Signature };

    expect(same.SignatureValid).toBe(true);
    await expect(client.send(new VerifyCommand(other))).rejects.toMatchObject({
      name: 'KMSInvalidSignatureException',
    });
  });

  test('SSM gives back the parameter that was put last', async () => {
    const client = new SSMClient(clientOptions(emulator));
    const Name = '/interlock/kill-switch';
    await client.send(new PutParameterCommand({ Name, Value: 'running', Type: 'String' }));
    const halt = { Name, Value: 'halt', Overwrite: true };
    await client.send(new PutParameterCommand(halt));

    const read = await client.send(new GetParameterCommand({ Name }));

    expect(read.Parameter).toMatchObject({ Value: 'halt', Version: 2 });
  });
});

const ANSWER_MS_MAX = 2_000;
// From the start of a Lambda's process until its handler surely runs.
const BUSY_MS = 1_000;

async function answers(endpoint: string): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  return fetch(`${endpoint}/_ministack/health`, { signal }).then(
    (answer) => answer.ok,
    () => false,
  );
}

// The living processes of the group; one that has ended but was not yet waited for is dead.
function membersOf(group: number): number {
  const listed = execFileSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' });
  const rows = listed.split('\n').map((row) => row.trim().split(/\s+/));
  return rows.filter(([id, stat]) => id === `${group}` && !stat?.startsWith('Z')).length;
}

function folderOf({ pid }: Pick<Emulator, 'pid'>): string {
  const command = execFileSync('ps', ['-o', 'args=', '-p', `${pid}`], { encoding: 'utf8' });
  return /--folder (\S+)/.exec(command)?.[1] ?? '';
}
