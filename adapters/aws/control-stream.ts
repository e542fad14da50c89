import { TransientError } from '../../core/errors.ts';
import { type EvidenceRecord, recordBytes } from '../../core/evidence/record.ts';
import { equals } from './expressions.ts';
import { recordParts } from './store-change.ts';
import { numberOf, text } from './store-items.ts';
import type { TableReader } from './store-reads.ts';
import type { Part } from './store-transact.ts';
import type { TableNames } from './tables.ts';

/** How often a record is offered a place in its stream: many write to one a day. */
const PLACES_MAX = 40;

/** The place was taken meanwhile. */
class PlaceTaken extends Error {}

/**
 * Appends a record to a control stream at the next place, with other parts or none, in one write
 * that `write` makes. Throws what the record's bytes throw, before anything is read or written.
 */
export async function appendControl(
  { tables, evidence }: { readonly tables: TableNames; readonly evidence: TableReader },
  record: Omit<EvidenceRecord, 'seq'>,
  write: (parts: readonly Part[]) => Promise<void>,
): Promise<void> {
  recordBytes({ ...record, seq: 0 });
  const inStream = equals('pk', text(record.streamId));
  for (let places = 0; places < PLACES_MAX; places += 1) {
    const seq = (numberOf(await evidence.last(inStream), 'seq') ?? -1) + 1;
    try {
      return await write(recordParts(tables, [{ ...record, seq }], () => new PlaceTaken()));
    } catch (error) {
      if (!(error instanceof PlaceTaken)) throw error;
    }
  }
  throw new TransientError('store-busy', `too many write to \`${record.streamId}\` at once`);
}
