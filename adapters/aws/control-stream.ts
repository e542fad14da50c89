import { TransientError } from '../../core/errors.ts';
import { type EvidenceRecord, recordBytes } from '../../core/evidence/record.ts';
import { streamClosed } from '../../core/store-refusals.ts';
import { isClosing, openStreamPart } from './control-stream-items.ts';
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
 * that `write` makes; the first one opens the stream. Throws what the record's bytes throw, before
 * anything is read or written, and `EvidenceError` (`stream-closed`).
 */
export async function appendControl(
  { tables, evidence }: { readonly tables: TableNames; readonly evidence: TableReader },
  record: Omit<EvidenceRecord, 'seq'>,
  write: (parts: readonly Part[]) => Promise<void>,
): Promise<void> {
  const { streamId } = record;
  recordBytes({ ...record, seq: 0 });
  const inStream = equals('pk', text(streamId));
  for (let places = 0; places < PLACES_MAX; places += 1) {
    const last = await evidence.last(inStream);
    if (isClosing(last)) throw streamClosed(streamId);
    const seq = (numberOf(last, 'seq') ?? -1) + 1;
    const recorded = recordParts(tables, [{ ...record, seq }], () => new PlaceTaken());
    try {
      return await write(seq === 0 ? [...recorded, openStreamPart(tables, streamId)] : recorded);
    } catch (error) {
      if (!(error instanceof PlaceTaken)) throw error;
    }
  }
  throw new TransientError('store-busy', `too many write to \`${streamId}\` at once`);
}
