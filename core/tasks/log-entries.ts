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
  let newest = await newestKey(ports);
  for (const seal of seals) {
    try {
      const { keyId, statement } = openSeal(crypto, seal);
      if (keyId !== newest) {
        await requireNewKey(ports, keyId);
        const at = new Date(clock.now()).toISOString();
        const key = { keyId, publicKey: seal.publicKey, at };
        entries.push({
          position: from + entries.length,
          statement: keyStatement(newest === undefined ? key : { ...key, replaces: newest }),
          of: { kind: 'key', keyId },
        });
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

/** The key that came into the log last; only those that seal, or did, can be in it. */
async function newestKey({
  log,
  sealKeyIds,
}: Pick<SequencePorts, 'log' | 'sealKeyIds'>): Promise<string | undefined> {
  let newest: { readonly position: number; readonly keyId: string } | undefined;
  for (const keyId of await sealKeyIds()) {
    const position = (await log.keyEntry(keyId))?.position ?? -1;
    if (position > (newest?.position ?? -1)) newest = { position, keyId };
  }
  return newest?.keyId;
}

/** Throws `EvidenceError`: a key that anybody can make must not come into the log by itself. */
async function requireNewKey(
  { log, sealKeyIds }: Pick<SequencePorts, 'log' | 'sealKeyIds'>,
  keyId: string,
): Promise<void> {
  if (!(await sealKeyIds()).includes(keyId))
    throw new EvidenceError('key-unknown', `\`${keyId}\` is not a key that seals here`);
  if ((await log.keyEntry(keyId)) !== undefined)
    throw new EvidenceError('key-replaced', `\`${keyId}\` was replaced by another key before`);
}
