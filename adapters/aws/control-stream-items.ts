import { InvariantError } from '../../core/errors.ts';
import type { StoredSeal } from '../../core/ports/store.ts';
import { streamGrew } from '../../core/store-refusals.ts';
import { conditionOf, present } from './expressions.ts';
import { putNew } from './store-change.ts';
import { type Item, type Key, keyOf } from './store-items.ts';
import { evidenceKey } from './store-records.ts';
import type { Part } from './store-transact.ts';
import { OPEN_STREAMS, type TableNames } from './tables.ts';

/** Lists a stream as open. */
export function openStreamPart({ transactions }: TableNames, streamId: string): Part {
  return {
    item: { Put: { TableName: transactions, Item: { ...openStreamKey(streamId) } } },
    refuse: unconditional,
  };
}

/**
 * Closes a stream behind what its last seal covers. The place that the next record would get is
 * taken, so that none can come after; whoever wants it finds out why.
 */
export function closingParts(
  { evidence, transactions }: TableNames,
  { streamId, treeSize }: Pick<StoredSeal, 'streamId' | 'treeSize'>,
): readonly Part[] {
  const refuse = () => streamGrew(streamId);
  const last = { TableName: evidence, Key: evidenceKey(streamId, treeSize - 1) };
  const closing = { ...evidenceKey(streamId, treeSize), closed: { BOOL: true } };
  return [
    // A record of a control stream has an item of its own.
    { item: { ConditionCheck: { ...last, ...conditionOf(present('pk')) } }, refuse },
    { item: putNew(evidence, closing), refuse },
    {
      item: { Delete: { TableName: transactions, Key: { ...openStreamKey(streamId) } } },
      refuse: unconditional,
    },
  ];
}

/** Whether an item of evidence is what a stream ends with. */
export function isClosing(item: Item | undefined): boolean {
  return item?.['closed']?.BOOL === true;
}

function openStreamKey(streamId: string): Key {
  return keyOf(OPEN_STREAMS, streamId);
}

function unconditional(): Error {
  return new InvariantError('the list of open streams is written without a condition');
}
