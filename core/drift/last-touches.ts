import { NotFoundError } from '../errors.ts';
import { openEnvelope, parseEnvelope } from '../evidence/envelope.ts';
import { parseRecord } from '../evidence/record.ts';
import { parseSeal } from '../evidence/seal.ts';
import { DEADLINE_MS_MAX } from '../plan.ts';
import type { Store } from '../ports/store.ts';
import { pagesOf } from '../tasks/pages.ts';
import { streamOf, type Transaction } from '../transaction.ts';

/** The last transaction that changed a footprint for good, and by which step. */
export interface Touch {
  readonly footprint: string;
  readonly transactionId: string;
  /** The last step of the transaction on this footprint. */
  readonly stepIndex: number;
}

/** Which touches count, and who hears how far it has come. */
export interface TouchesWanted {
  /** Only footprints that were changed then or later; epoch milliseconds. */
  readonly since: number;
  /** How many transactions were looked at so far. */
  readonly onTransactions?: (count: number) => void;
}

type TouchesStore = Pick<Store, 'list' | 'claims' | 'records' | 'seals'>;

/** Transactions of one page of the store. */
const PAGE = 100;
/** The last step begins before the deadline of its plan and ends, read back, within this time. */
const LAST_STEP_MS = 60 * 60 * 1000;

/**
 * The last touch of every footprint, in the order in which transactions were committed: a compensated
 * one has left what was before it, an undo is a transaction of its own. What an operator resolved
 * as `applied` counts from then. Reads page by page, the newest first, and keeps only the touches.
 */
export async function lastTouches(
  store: TouchesStore,
  { since, onTransactions }: TouchesWanted,
): Promise<readonly Touch[]> {
  const latest = new Map<string, EndedTouch>();
  let count = 0;
  for (const status of ['committed', 'stuck'] as const) {
    for await (const transaction of newestFirst(store, status)) {
      if (endsBefore(transaction, since)) break;
      for (const touch of await touchesOf(store, transaction)) await keep(store, latest, touch);
      count += 1;
      onTransactions?.(count);
    }
  }
  const touches: Touch[] = [];
  for (const one of latest.values()) {
    const isRecent = one.createdAt >= since || (await endOf(store, one)) >= since;
    const { footprint, transactionId, stepIndex } = one;
    if (isRecent) touches.push({ footprint, transactionId, stepIndex });
  }
  return touches;
}

/** A touch with what tells when it was for good. */
interface EndedTouch extends Touch {
  readonly createdAt: number;
  /** It ended no later. */
  readonly latestEnd: number;
  /** The record that ended it: `outcome`, or `resolved`. */
  readonly endSeq: number;
}

async function* newestFirst(
  store: TouchesStore,
  status: 'committed' | 'stuck',
): AsyncGenerator<Transaction> {
  for await (const page of pagesOf(store, { status, limit: PAGE })) yield* page;
}

/** True when it and all that were created before it ended too early to count. */
function endsBefore({ createdAt, status }: Transaction, since: number): boolean {
  // A person resolves what is stuck at any time.
  return status === 'committed' && createdAt + DEADLINE_MS_MAX + LAST_STEP_MS < since;
}

async function touchesOf(
  store: TouchesStore,
  transaction: Transaction,
): Promise<readonly EndedTouch[]> {
  const { id, createdAt, plan, prepared = [], resolution, nextSeq } = transaction;
  const steps = new Map(prepared.map(({ footprint }, stepIndex) => [footprint, stepIndex]));
  const latestEnd = resolution?.at ?? createdAt + plan.deadlineMs + LAST_STEP_MS;
  const ended = { transactionId: id, createdAt, latestEnd, endSeq: nextSeq - 1 };
  const touches = [...steps].map(([footprint, stepIndex]) => ({ footprint, stepIndex, ...ended }));
  if (transaction.status === 'committed') return touches;
  if (resolution?.as !== 'applied') return [];
  const claims = await store.claims(id);
  const acted = new Set(
    claims
      .filter((one) => one.answer !== 'refused')
      .map((one) => prepared[one.stepIndex]?.footprint),
  );
  return touches.filter(({ footprint }) => acted.has(footprint));
}

async function keep(
  store: TouchesStore,
  latest: Map<string, EndedTouch>,
  touch: EndedTouch,
): Promise<void> {
  const kept = latest.get(touch.footprint);
  if (kept !== undefined && !(await isLater(store, touch, kept))) return;
  latest.set(touch.footprint, touch);
}

/** Locks put the ends of two that touch one footprint in order; created is not committed. */
async function isLater(store: TouchesStore, touch: EndedTouch, kept: EndedTouch): Promise<boolean> {
  if (touch.latestEnd < kept.createdAt) return false;
  return (await endOf(store, touch)) > (await endOf(store, kept));
}

async function endOf(store: TouchesStore, { transactionId, endSeq }: EndedTouch): Promise<number> {
  const streamId = streamOf(transactionId);
  try {
    const [bytes] = await store.records(streamId, endSeq);
    return bytes === undefined ? 0 : Date.parse(parseRecord(bytes).at);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    // Its records are in an archive; its seals stay, and the last came after its end.
    const last = (await store.seals(streamId)).at(-1);
    if (last === undefined) throw error;
    return Date.parse(parseSeal(openEnvelope(parseEnvelope(last.envelope)).statement).at);
  }
}
