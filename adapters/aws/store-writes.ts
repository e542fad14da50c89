import { InvariantError } from '../../core/errors.ts';
import type { Change, Write } from '../../core/ports/store.ts';
import { haltedAt, movedOn } from '../../core/store-refusals.ts';
import { lets, modeIn } from './fence.ts';
import { sealParts } from './pending-seals.ts';
import { type Draft, putNew, recordParts, rowParts, type StoreParts } from './store-change.ts';
import { check, claimParts, draftClaim, markParts } from './store-claims.ts';
import { decisionItems } from './store-decisions.ts';
import { fenceCopyOf, fenceKey } from './store-items.ts';
import { heldParts, lockListParts, lockParts, unlockParts } from './store-locks.ts';
import type { Part } from './store-transact.ts';

/**
 * The items of a change: the row, then its writes in their order, then its records. Reads what is
 * needed to name the items, and to say why where an item is not even there.
 */
export async function partsOf(store: StoreParts, change: Change): Promise<readonly Part[]> {
  const draft: Draft = {
    ...store,
    change,
    decided: new Map(),
    claimed: new Map(),
    locked: new Set(),
  };
  const parts: Part[] = [...rowParts(draft)];
  for (const write of change.writes) parts.push(...(await partsOfWrite(draft, write)));
  const marks = change.writes.filter((one) => one.write === 'vend' || one.write === 'answer');
  parts.push(...(await markParts(draft, marks)), ...claimParts(draft), ...lockListParts(draft));
  return [
    ...parts,
    ...recordParts(store.tables, change.records, () => movedOn(change.transactionId)),
  ];
}

async function partsOfWrite(draft: Draft, write: Write): Promise<readonly Part[]> {
  const { tables, change } = draft;
  switch (write.write) {
    case 'lock':
      return lockParts(draft, write.resources);
    case 'held':
      return heldParts(draft, write.resources);
    case 'unlock':
      return unlockParts(draft);
    case 'decision': {
      const { decision } = write;
      draft.decided.set(decision.id, decision);
      const seq = change.records[0]?.seq ?? 0;
      return decisionItems(change.transactionId, decision, seq).map((item) => ({
        item: putNew(tables.decisions, item),
        refuse: () => new InvariantError('the id of a decision must be new'),
      }));
    }
    case 'claim':
      await draftClaim(draft, write);
      return [];
    case 'vend':
    case 'answer':
      // Together at the end: an item can be written once in a change.
      return [];
    case 'seal':
      return sealParts(tables, write.seal, draft.nextSealPosition());
    case 'fence':
      return [fencePart(draft, write)];
  }
}

function fencePart(
  { tables, transactions, change }: Draft,
  { scopes, refuse }: Write & { readonly write: 'fence' },
): Part {
  const key = fenceKey(fenceCopyOf(change.transactionId));
  return check(tables.transactions, key, {
    condition: lets(scopes, refuse),
    refuse: async (old) => {
      const mode = modeIn(old ?? (await transactions.get(key)), scopes);
      return haltedAt(mode);
    },
  });
}
