import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allow, assume, createRole, outcomeOf, policyOf } from './emulator/account.ts';
import { clientOptions } from './emulator/emulator.ts';
import { type Attempt, type Session, sessionsOf, whoMay } from './probe.ts';
import { functionNamed, makeRoles, openWorld, outputOf, roleOf, type World } from './world.ts';

let world: World;
let sessions: ReadonlyMap<string, Session>;
beforeAll(async () => {
  world = await openWorld();
  await world.setKillSwitch('running');
  sessions = await sessionsOf(world);
});
afterAll(() => world.stop());

const output = (name: string) => outputOf(world.outputs, name);
/** Nothing is there, so that whoever may write is told so and writes nothing. */
const NEVER = { ConditionExpression: 'attribute_exists(pk)' };
const put =
  (table: string): Attempt =>
  (session) => {
    const Item = { pk: { S: 'none' }, sk: { S: 'none' }, seq: { N: '0' } };
    const command = new PutItemCommand({ TableName: output(table), Item, ...NEVER });
    return new DynamoDBClient(session).send(command);
  };
const keyOf = (table: string) => ({
  pk: { S: 'none' },
  ...(table === 'EvidenceTable' || table === 'LogTable'
    ? { seq: { N: '0' } }
    : { sk: { S: 'none' } }),
});
const update =
  (table: string): Attempt =>
  (session) => {
    const set = {
      UpdateExpression: 'SET body = :b',
      ExpressionAttributeValues: { ':b': { S: '' } },
    };
    const where = { TableName: output(table), Key: keyOf(table), ...NEVER };
    return new DynamoDBClient(session).send(new UpdateItemCommand({ ...where, ...set }));
  };
const remove =
  (table: string): Attempt =>
  (session) => {
    const where = { TableName: output(table), Key: keyOf(table), ...NEVER };
    return new DynamoDBClient(session).send(new DeleteItemCommand(where));
  };
const replace =
  (table: string): Attempt =>
  (session) => {
    const RequestItems = { [output(table)]: [{ DeleteRequest: { Key: keyOf(table) } }] };
    return new DynamoDBClient(session).send(new BatchWriteItemCommand({ RequestItems }));
  };
const assumeRole =
  (RoleArn: () => string): Attempt =>
  (session) => {
    const command = new AssumeRoleCommand({ RoleArn: RoleArn(), RoleSessionName: 'probe' });
    return new STSClient(session).send(command);
  };
/** No function takes an empty event. */
const invoke =
  (entry: string): Attempt =>
  (session) => {
    const FunctionName = functionNamed(world, entry);
    return new LambdaClient(session).send(new InvokeCommand({ FunctionName, Payload: '{}' }));
  };
/** No execution may have such a name. */
const start =
  (machine: string): Attempt =>
  (session) => {
    const execution = { stateMachineArn: output(machine), name: 'x'.repeat(99), input: '{}' };
    return new SFNClient(session).send(new StartExecutionCommand(execution));
  };
const sign =
  (key: string): Attempt =>
  (session) =>
    new KMSClient(session).send(
      new SignCommand({
        ...{ KeyId: output(key), Message: new Uint8Array(32) },
        ...{ MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' },
      }),
    );
/** It is there, so that whoever may write is told so. */
const release: Attempt = (session) => {
  const parameter = { Name: output('KillSwitchParameter'), Type: 'String', Value: 'running' };
  return new SSMClient(session).send(
    new PutParameterCommand({ ...parameter, Type: 'String', Overwrite: false }),
  );
};

const changeRole: Attempt = async (session) => {
  const [RoleName = ''] = await makeRoles(world, 1);
  const document = { RoleName, PolicyName: 'wide', PolicyDocument: '{}' };
  return new IAMClient(session).send(new PutRolePolicyCommand(document));
};

const attempts = {
  'assume the action role': assumeRole(() => output('ActionRoleArn')),
  'sign with the key': sign('SigningKey'),
  'sign the log': sign('LogKey'),
  'put a decision': put('DecisionsTable'),
  'update a decision': update('DecisionsTable'),
  'delete a decision': remove('DecisionsTable'),
  'delete decisions in a batch': replace('DecisionsTable'),
  'put into the log': put('LogTable'),
  'update the log': update('LogTable'),
  'delete from the log': remove('LogTable'),
  'delete from the log in a batch': replace('LogTable'),
  'say that a seal is pending': put('PendingTable'),
  'forget a pending seal': replace('PendingTable'),
  'update evidence': update('EvidenceTable'),
  'delete evidence': remove('EvidenceTable'),
  'delete evidence in a batch': replace('EvidenceTable'),
  'start a transaction': start('TransactionMachine'),
  'start the auditor': start('AuditMachine'),
  'invoke execute': invoke('execute'),
  'invoke seal': invoke('seal'),
  'invoke sequence': invoke('sequence'),
  'invoke the vault': invoke('vend-credentials'),
  'write the kill switch': release,
  'change a role itself': changeRole,
};

describe('the role of a function', () => {
  it('may do nothing that another function is there for', async () => {
    const may = await whoMay(sessions, attempts);

    console.table(Object.entries(may).map(([what, who]) => ({ what, who: who.join(', ') })));
    expect(sessions.size).toBeGreaterThan(14);
    expect(may).toEqual({
      'assume the action role': ['vend-credentials'],
      'sign with the key': ['seal'],
      'sign the log': ['sequence'],
      'put a decision': ['authorize'],
      'update a decision': [],
      'delete a decision': [],
      'delete decisions in a batch': [],
      'put into the log': ['sequence'],
      'update the log': [],
      'delete from the log': [],
      'delete from the log in a batch': [],
      'say that a seal is pending': ['seal'],
      'forget a pending seal': ['sequence'],
      'update evidence': [],
      'delete evidence': [],
      'delete evidence in a batch': [],
      'start a transaction': ['api-agent', 'api-operator', 'reconcile'],
      'start the auditor': [],
      'invoke execute': [],
      'invoke seal': [],
      'invoke sequence': [],
      'invoke the vault': [
        ...['authorize', 'compensate', 'dry-run', 'execute', 'preflight', 'verify'],
      ],
      'write the kill switch': ['api-operator'],
      'change a role itself': [],
    });
  });

  it('is what refuses the attempts: root may make all but one', async () => {
    const root = new Map([['root', clientOptions(world.emulator)]]);

    const may = await whoMay(root, attempts);

    // Root itself is not trusted by the action role.
    const refused = Object.entries(may).filter(([, who]) => who.length === 0);
    expect(refused).toEqual([['assume the action role', []]]);
  });

  it('changes no evidence even when it is let do all in DynamoDB: that is denied', async () => {
    const mistake = { RoleName: await roleOf(world, 'execute'), PolicyName: 'mistake' };
    const PolicyDocument = policyOf(allow('dynamodb:*', '*'));
    await world.iam.send(new PutRolePolicyCommand({ ...mistake, PolicyDocument }));

    const may = await whoMay(sessions, attempts);

    await world.iam.send(new DeleteRolePolicyCommand(mistake));
    const gained = Object.entries(may).filter(([, who]) => who.includes('execute'));
    expect(gained.map(([what]) => what)).toEqual([
      ...['put a decision', 'put into the log', 'say that a seal is pending'],
      ...['forget a pending seal', 'invoke the vault'],
    ]);
  });

  it('is not trusted by the action role for being allowed to assume any', async () => {
    const name = 'may-assume-all';
    const arn = await createRole(world.emulator, { name, may: [allow('sts:*', '*')] });
    const session = await assume(world.emulator, arn);

    const outcome = await outcomeOf(assumeRole(() => output('ActionRoleArn'))(session));

    expect(outcome).toBe('AccessDenied');
  });
});
