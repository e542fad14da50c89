import { EvidenceError } from '../errors.ts';
import { keyStatement } from '../evidence/log-entry.ts';
import type { LogEntry } from '../ports/log-store.ts';
import type { StoredSeal } from '../ports/store.ts';
import { openSeal } from './open-seal.ts';
import type { SequencePorts } from './sequence-ports.ts';

/** A seal that the log does not take in, and why. */
export interface SealRefusal {
  readonly seal: StoredSeal;
  readonly error: EvidenceError;
}

/** The entries of pending seals up to the first that is refused. */
export interface PendingEntries {
  readonly entries: readonly LogEntry[];
  readonly refusal?: SealRefusal;
}

/** The entries of seals from a position on; the one of a key comes before its first seal. */
export async function entriesOf(
  ports: Pick<SequencePorts, 'crypto' | 'clock' | 'log' | 'sealKeyIds'>,
  from: number,
  seals: readonly StoredSeal[],
): Promise<PendingEntries> {
  const { crypto, clock } = ports;
  const entries: LogEntry[] = [];
  const places = await keyPlacesOf(ports);
  let newest = newestOf(places);
  for (const seal of seals) {
    try {
      const { keyId, statement } = openSeal(crypto, seal);
      if (keyId !== newest) {
        requireNewKey(places, keyId);
        const position = from + entries.length;
        const at = new Date(clock.now()).toISOString();
        const key = { keyId, publicKey: seal.publicKey, at };
        entries.push({
          position,
          statement: keyStatement(newest === undefined ? key : { ...key, replaces: newest }),
          of: { kind: 'key', keyId },
        });
        places.set(keyId, position);
        newest = keyId;
      }
      const { streamId, treeSize } = seal;
      const of = { kind: 'seal', streamId, treeSize } as const;
      entries.push({ position: from + entries.length, statement, of });
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      return { entries, refusal: { seal, error } };
    }
  }
  return { entries };
}

/** The keys that seal here, or did, each with its place in the log: undefined while it has none. */
type KeyPlaces = Map<string, number | undefined>;

async function keyPlacesOf({
  log,
  sealKeyIds,
}: Pick<SequencePorts, 'log' | 'sealKeyIds'>): Promise<KeyPlaces> {
  const places: KeyPlaces = new Map();
  for (const keyId of await sealKeyIds()) places.set(keyId, (await log.keyEntry(keyId))?.position);
  return places;
}

/** The key that came into the log last. */
function newestOf(places: KeyPlaces): string | undefined {
  let newest: { readonly position: number; readonly keyId: string } | undefined;
  for (const [keyId, position = -1] of places)
    if (position > (newest?.position ?? -1)) newest = { position, keyId };
  return newest?.keyId;
}

/** Throws `EvidenceError`: a key that anybody can make must not come into the log by itself. */
function requireNewKey(places: KeyPlaces, keyId: string): void {
  if (!places.has(keyId))
    throw new EvidenceError('key-unknown', `\`${keyId}\` is not a key that seals here`);
  if (places.get(keyId) !== undefined)
    throw new EvidenceError('key-replaced', `\`${keyId}\` was replaced by another key before`);
}
