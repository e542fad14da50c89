import { ConflictError, InvariantError, TransientError } from '../../core/errors.ts';
import { lockLost } from '../../core/store-refusals.ts';
import { absent, any, conditionOf, equals, present, updateOf } from './expressions.ts';
import type { Draft } from './store-change.ts';
import { check } from './store-claims.ts';
import { lockKey, locksKey, text, textOf } from './store-items.ts';
import type { Part } from './store-transact.ts';

/** Takes locks that are free, or ours already. */
export function lockParts(draft: Draft, wanted: readonly string[]): readonly Part[] {
  const { tables, change } = draft;
  const { transactionId } = change;
  const resources = [...new Set(wanted)].sort().filter((one) => !draft.locked.has(one));
  for (const one of resources) draft.locked.add(one);
  const isFree = any(absent('pk'), equals('transactionId', text(transactionId)));
  return resources.map((resource): Part => {
    const Item = {
      ...lockKey(resource),
      resource: text(resource),
      transactionId: text(transactionId),
    };
    return {
      item: { Put: { TableName: tables.transactions, Item, ...conditionOf(isFree) } },
      refuse: async (old) => {
        const lock = old ?? (await draft.transactions.get(lockKey(resource)));
        const holder = textOf(lock, 'transactionId');
        return holder === undefined || holder === transactionId
          ? new TransientError('store-busy', 'the lock was just released')
          : new ConflictError(resource, holder);
      },
    };
  });
}

/** The list that says which locks to release; all that a change takes are added at once. */
export function lockListParts({ tables, change, locked }: Draft): readonly Part[] {
  if (locked.size === 0) return [];
  const key = locksKey(change.transactionId);
  const add = { resources: { SS: [...locked] } };
  const update = updateOf({ add }, any(absent('pk'), present('pk')));
  return [
    {
      item: { Update: { TableName: tables.transactions, Key: { ...key }, ...update } },
      refuse: () => new InvariantError('the list of locks takes every addition'),
    },
  ];
}

/** Checks that all of them are ours. */
export function heldParts(draft: Draft, resources: readonly string[]): readonly Part[] {
  const { tables, change } = draft;
  const isOurs = equals('transactionId', text(change.transactionId));
  return [...new Set(resources)]
    .filter((resource) => !draft.locked.has(resource))
    .map((resource) =>
      check(tables.transactions, lockKey(resource), {
        condition: isOurs,
        refuse: () => lockLost(resource),
      }),
    );
}

/** Releases all locks of the transaction. */
export async function unlockParts({
  tables,
  transactions,
  change,
}: Draft): Promise<readonly Part[]> {
  const { transactionId } = change;
  const list = await transactions.get(locksKey(transactionId));
  const resources = list?.['resources'];
  if (resources?.SS === undefined) return [];
  const TableName = tables.transactions;
  const isFreeOrOurs = any(absent('pk'), equals('transactionId', text(transactionId)));
  const locks = resources.SS.map((resource): Part => {
    const Key = { ...lockKey(resource) };
    return {
      item: { Delete: { TableName, Key, ...conditionOf(isFreeOrOurs) } },
      refuse: () => new InvariantError(`\`${resource}\` must be locked by who has it in its list`),
    };
  });
  const Key = { ...locksKey(transactionId) };
  const isSame = conditionOf(equals('resources', resources));
  const refuse = () => new TransientError('store-busy', 'the locks changed meanwhile');
  return [...locks, { item: { Delete: { TableName, Key, ...isSame } }, refuse }];
}
