import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { text } from '../../adapters/aws/store-items.ts';
import { type Client, createClient } from '../../api/client.ts';
import { parseRecord, recordBytes } from '../../core/evidence/record.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SagaState } from '../../core/transaction.ts';
import { driven, proposed, stopEverything } from './by-hand.ts';
import { makeAgentRole, sessionTransport } from './callers.ts';
import { untilHolds } from './emulator/until.ts';
import { allLogs } from './logs.ts';
import { invoke, makeRoles, narrowingPlan, openWorld, outputOf, type World } from './world.ts';

/** A stream is polled and batched. */
const ARCHIVED_MS_MAX = 60_000;

let world: World;
let agent: Client;
beforeAll(async () => {
  world = await openWorld();
  const transport = await sessionTransport(world, await makeAgentRole(world, 'iam-auditor'));
  // What cannot be started is asked for again, which need not take long.
  agent = createClient({ ...transport, sleep: async () => undefined });
  await world.setKillSwitch('running');
  await stopEverything(world);
});
afterAll(() => world.stop());

/** One step, run up to where a task comes next. */
async function upTo(next: string): Promise<SagaState> {
  const plan = narrowingPlan(await makeRoles(world, 1));
  return driven(world, await proposed(world, agent, plan), next);
}

/** The item of evidence that has a record of a kind, and its key. */
async function itemWith(streamId: string, kind: string) {
  const TableName = outputOf(world.outputs, 'EvidenceTable');
  const { Items = [] } = await world.dynamo.send(
    new QueryCommand({
      ...{ TableName, ConsistentRead: true, KeyConditionExpression: 'pk = :stream' },
      ExpressionAttributeValues: { ':stream': text(streamId) },
    }),
  );
  const isOfKind = (bytes: Uint8Array) => parseRecord(bytes).kind === kind;
  const item = Items.find((one) => bytesIn(one).some(isOfKind));
  if (item === undefined) throw new Error(`no record is \`${kind}\``);
  return { TableName, item, isOfKind };
}

const bytesIn = (item: Record<string, AttributeValue>): readonly Uint8Array[] =>
  (item['records']?.L ?? []).map(({ B: bytes = new Uint8Array() }) => bytes);

/** Puts another record in the place of one. */
async function overwrite(
  { transactionId }: SagaState,
  kind: string,
  data: (data: JsonObject) => JsonObject,
): Promise<void> {
  const { TableName, item, isOfKind } = await itemWith(`tx:${transactionId}`, kind);
  const records = bytesIn(item).map((bytes) => {
    const record = parseRecord(bytes);
    return isOfKind(bytes) ? recordBytes({ ...record, data: data(record.data) }) : bytes;
  });
  const Item = { ...item, records: { L: records.map((B) => ({ B })) } };
  await world.dynamo.send(new PutItemCommand({ TableName, Item }));
}

const overwrites = async () =>
  [...(await allLogs(world)).matchAll(/"EvidenceOverwritten":1/g)].length;

describe('a record that is overwritten before it is sealed', () => {
  it.each<[string, (data: JsonObject) => JsonObject]>([
    ['proposed', (data) => ({ ...data, planDigest: '0'.repeat(64) })],
    [
      'decided',
      (data) => ({ ...data, decision: { ...(data['decision'] as JsonObject), attempt: 2 } }),
    ],
    ['claimed', (data) => ({ ...data, effectDeadline: 1 })],
    ['vended', (data) => ({ ...data, policyDigest: '0'.repeat(64) })],
    ['verified', (data) => ({ ...data, after: {} })],
    ['outcome', (data) => ({ ...data, status: 'compensated' })],
  ])('as `%s` is not signed, and an alarm', async (kind, change) => {
    const state = await upTo('seal');
    const known = await overwrites();

    await overwrite(state, kind, change);

    expect(await invoke(world, 'seal', state)).toEqual({ error: 'EvidenceError' });
    expect(await world.store.load(state.transactionId)).toMatchObject({
      ...{ status: 'committed', sealed: false },
    });
    expect(await world.store.seals(`tx:${state.transactionId}`)).toEqual([]);
    await untilHolds(async () => (await overwrites()) > known, ARCHIVED_MS_MAX);
  });

  it('by the same bytes is signed', async () => {
    const state = await upTo('seal');

    await overwrite(state, 'verified', (data) => data);

    expect(await invoke(world, 'seal', state)).toMatchObject({ answer: { next: 'committed' } });
  });

  it('by nothing at all is not signed', async () => {
    const state = await upTo('seal');
    const { TableName, item } = await itemWith(`tx:${state.transactionId}`, 'vended');
    const { pk, seq } = item;

    await world.dynamo.send(new DeleteItemCommand({ TableName, Key: { pk, seq } as never }));

    expect(await invoke(world, 'seal', state)).toEqual({ error: 'EvidenceError' });
  });
});
