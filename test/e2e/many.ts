import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { fenceKey } from '../../adapters/aws/store-items.ts';
import type { Client } from '../../api/client.ts';
import { parseRecord } from '../../core/evidence/record.ts';
import type { Claim, Status, Transaction } from '../../core/transaction.ts';
import { untilHolds } from './emulator/until.ts';
import { ended, iamState, makeRoles, narrowingPlan, outputOf, type World } from './world.ts';

const TRANSACTIONS = 8;
const STEPS = 4;
/** How many effects have begun before something happens: the rest is still ahead. */
const CLAIMS_BEFORE = 8;

/** Many transactions at once, all of them with effects ahead. */
export interface Many {
  readonly ids: readonly string[];
  /** The account before any of them began. */
  readonly before: string;
  /** How many effects they would have in all. */
  readonly effects: number;
  /** The claims of effects so far, of all of them. */
  claims(): Promise<readonly Claim[]>;
  /** When each decision was put that an effect may consume; epoch milliseconds, oldest first. */
  decidedAt(): Promise<readonly number[]>;
  /** When each effect was claimed. */
  claimedAt(): Promise<readonly number[]>;
  /** Where each of them stands. */
  statuses(): Promise<readonly (Status | undefined)[]>;
  /** Waits until all have ended and are sealed. */
  ended(): Promise<readonly Transaction[]>;
}

/** Proposes many transactions and waits until the first effects have been claimed. */
export async function openMany(world: World, agent: Client): Promise<Many> {
  const { store } = world;
  const plans: ReturnType<typeof narrowingPlan>[] = [];
  for (let count = 0; count < TRANSACTIONS; count += 1)
    plans.push(narrowingPlan(await makeRoles(world, STEPS)));
  const before = await iamState(world);
  const proposed = await Promise.all(plans.map((plan) => agent.propose(plan)));
  const ids = proposed.map(({ transaction }) => transaction.id);
  const claims = async () => {
    const all = await Promise.all(ids.map((id) => store.claims(id)));
    return all.flat().filter(({ kind }) => kind === 'apply');
  };
  const at = async (kind: string) => {
    const all = await Promise.all(ids.map((id) => store.records(`tx:${id}`)));
    const records = all
      .flat()
      .map(parseRecord)
      .filter((one) => one.kind === kind);
    // The record of a refusal is of the same kind.
    const made = records.filter(({ data }) => kind !== 'decided' || 'decision' in data);
    return made.map((one) => Date.parse(one.at)).sort((one, other) => one - other);
  };
  await untilHolds(async () => (await claims()).length >= CLAIMS_BEFORE, 60_000);
  return {
    ids,
    before,
    effects: TRANSACTIONS * STEPS,
    claims,
    decidedAt: () => at('decided'),
    claimedAt: () => at('claimed'),
    statuses: async () =>
      (await Promise.all(ids.map((id) => store.load(id)))).map((one) => one?.status),
    ended: () => Promise.all(ids.map((id) => ended(world, id))),
  };
}

/** What the fence says of a scope, which is all that claims look at. */
export async function fenceOf(
  { dynamo, outputs }: Pick<World, 'dynamo' | 'outputs'>,
  scope = 'all',
): Promise<string | undefined> {
  const TableName = outputOf(outputs, 'TransactionsTable');
  const Key = { ...fenceKey(0) };
  const { Item } = await dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item?.[scope]?.S;
}
