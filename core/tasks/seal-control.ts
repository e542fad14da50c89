import { EvidenceError, StaleStateError } from '../errors.ts';
import { parseRecord } from '../evidence/record.ts';
import { readRecordChain } from '../evidence/record-chain.ts';
import type { ControlStreams } from '../ports/control-streams.ts';
import type { Store, StoredSeal } from '../ports/store.ts';
import { recordOfFact } from './control.ts';
import { openSeal } from './open-seal.ts';
import type { Ports } from './ports.ts';
import { signSeal } from './sign-seal.ts';

/** How long after its day a control stream is still open: clocks may be late by less than that. */
export const CLOSE_AFTER_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What sealing control streams touches. */
export interface ControlPorts extends Pick<Ports, 'clock' | 'crypto' | 'signer'> {
  readonly store: Pick<Store, 'records' | 'seals' | 'appendControl'>;
  readonly control: ControlStreams;
}

/**
 * Seals what is new in the control streams: `open` while the day of a stream lasts, `closed` once
 * it is over by an hour, and then it ends with a record that says so. Safe to repeat, and for
 * several processes at once. Throws `EvidenceError` (`control-mismatch`) for a stream that is not
 * what its last seal says, and signs nothing of it.
 */
export async function sealControl(ports: ControlPorts): Promise<void> {
  for (const streamId of await ports.control.open()) {
    try {
      await sealStream(ports, streamId);
    } catch (error) {
      // Another process was faster, or the stream has grown: the next run sees what is left.
      if (!(error instanceof StaleStateError) && !isClosed(error)) throw error;
    }
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof EvidenceError && error.code === 'stream-closed';
}

async function sealStream(ports: ControlPorts, streamId: string): Promise<void> {
  const { store, control, clock } = ports;
  const isLast = clock.now() >= closingTime(streamId);
  const last = (await store.seals(streamId)).at(-1);
  const fresh = await store.records(streamId, last?.treeSize ?? 0);
  if (fresh.length === 0 && !isLast) return;
  if (isLast) await endStream(ports, streamId, fresh.at(-1));
  const records = await store.records(streamId);
  const root = requireExtended(ports, { streamId, records, last });
  const status = isLast ? 'closed' : 'open';
  const wish = { streamId, treeSize: records.length, root, status, last } as const;
  await control.seal(await signSeal(ports, wish), { isLast });
}

/** Epoch milliseconds from which a stream is closed. */
export function closingTime(streamId: string): number {
  return Date.parse(streamId.slice('control:'.length)) + DAY_MS + CLOSE_AFTER_MS;
}

/** A seal covers more than the one before it, so that the end is a record too. */
async function endStream(
  { store, clock }: ControlPorts,
  streamId: string,
  last: Uint8Array | undefined,
): Promise<void> {
  if (last !== undefined && parseRecord(last).kind === 'stream-closed') return;
  const fact = { kind: 'stream-closed', actor: 'control-plane', data: {} } as const;
  await store.appendControl({ ...recordOfFact(fact, clock.now()), streamId });
}

/** The root over the records, hex, which must be in order and continue what was sealed last. */
function requireExtended(
  { crypto }: ControlPorts,
  {
    streamId,
    records,
    last,
  }: {
    readonly streamId: string;
    readonly records: readonly Uint8Array[];
    readonly last: StoredSeal | undefined;
  },
): string {
  const sealed = last === undefined ? undefined : openSeal(crypto, last).seal;
  const whole = { treeSize: records.length };
  const sizes = sealed === undefined ? [whole] : [sealed, whole];
  const { problem, roots } = readRecordChain(crypto, { streamId, records }, sizes);
  if (problem !== undefined) throw mismatch(streamId, problem);
  if (sealed !== undefined && roots.get(sealed.treeSize) !== sealed.root)
    throw mismatch(streamId, `its first ${sealed.treeSize} records are not those that were sealed`);
  return roots.get(records.length) as string;
}

function mismatch(streamId: string, problem: string): EvidenceError {
  return new EvidenceError('control-mismatch', `\`${streamId}\` is not sealed: ${problem}`, {
    hint: 'the store was changed: see `interlock evidence verify --all`',
  });
}
