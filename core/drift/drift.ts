import { lastTouches, type Touch } from './last-touches.ts';
import { type LookPorts, look, type Sight, teller } from './look.ts';

/** Footprints that are read at once: the API of a target takes only so many calls. */
const LOOKS_MAX = 8;

/** Which footprints are looked at, and who hears how far it has come. */
export interface DriftWanted {
  /** Only footprints that were changed then or later; epoch milliseconds. */
  readonly since: number;
  readonly onProgress?: (progress: DriftProgress) => void;
}

/** How far it has come. */
export interface DriftProgress {
  readonly transactions: number;
  readonly looked: number;
  /** Unknown while transactions are still listed. */
  readonly footprints?: number;
}

/** What the account shows of all that transactions have left in it. */
export interface Drift {
  /** Footprints that were looked at. */
  readonly footprints: number;
  /** Those that are not as they were left; in no order. */
  readonly others: readonly Exclude<Sight, { readonly found: 'same' }>[];
}

/**
 * Compares what the account shows now with what the last transaction left, footprint by footprint,
 * under sessions that can only read. A transaction that ends meanwhile is taken into account.
 */
export async function drift(ports: LookPorts, { since, onProgress }: DriftWanted): Promise<Drift> {
  const startedAt = ports.clock.now();
  let transactions = 0;
  const touches = await lastTouches(ports.store, {
    since,
    onTransactions(count) {
      transactions = count;
      onProgress?.({ transactions, looked: 0 });
    },
  });
  const footprints = touches.length;
  const seen = await lookAll(ports, touches, (looked) =>
    onProgress?.({ transactions, looked, footprints }),
  );
  if (seen.length === 0) return { footprints, others: [] };
  const newer = new Map(
    (await lastTouches(ports.store, { since: startedAt })).map((one) => [one.footprint, one]),
  );
  const outrun = seen.filter((one) => {
    const { footprint, transactionId } = touchOf(one);
    return (newer.get(footprint)?.transactionId ?? transactionId) !== transactionId;
  });
  const again = outrun.map((one) => newer.get(touchOf(one).footprint) as Touch);
  return {
    footprints,
    others: [
      ...seen.filter((one) => !outrun.includes(one)),
      ...(await lookAll(ports, again, () => undefined)),
    ],
  };
}

/** Whose footprint was looked at. */
export function touchOf(sight: Sight): Touch {
  return sight.found === 'unreadable' ? sight.touch : sight.left;
}

/** Several at once, as far as the API of a target takes them; keeps only what is not the same. */
async function lookAll(
  ports: LookPorts,
  touches: readonly Touch[],
  onLooked: (count: number) => void,
): Promise<Drift['others']> {
  const others: Exclude<Sight, { readonly found: 'same' }>[] = [];
  const waiting = touches.values();
  const tell = teller(ports.store);
  let looked = 0;
  const work = async (): Promise<void> => {
    for (const touch of waiting) {
      const sight = await look(ports, tell, touch);
      if (sight.found !== 'same') others.push(sight);
      looked += 1;
      onLooked(looked);
    }
  };
  await Promise.all(Array.from({ length: LOOKS_MAX }, work));
  return others;
}
