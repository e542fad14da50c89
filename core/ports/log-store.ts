import type { NodePlace } from '../evidence/log-tree.ts';
import type { StoredSeal } from './store.ts';

export type { NodePlace };

/** One entry of the log. */
export interface LogEntry {
  readonly position: number;
  /** Canonical bytes of an in-toto Statement: of a seal, or of a key. */
  readonly statement: Uint8Array;
  /** Where the entry comes from: a seal of a stream, or a key. */
  readonly of:
    | { readonly kind: 'seal'; readonly streamId: string; readonly treeSize: number }
    | { readonly kind: 'key'; readonly keyId: string };
}

/** The newest state of the log. */
export interface LogHead {
  readonly size: number;
  /** RFC 9162 root, hex. */
  readonly root: string;
  /** The roots of the largest whole subtrees of the size, left to right: with these it grows. */
  readonly frontier: readonly Uint8Array[];
  /** C2SP signed note of exactly this size and root. */
  readonly checkpoint: string;
  /** When it was signed, epoch milliseconds. */
  readonly at: number;
}

/** One step of the log, all or nothing. */
export interface LogAdvance {
  /** The size of the head that it was made from; 0 for an empty log. */
  readonly fromSize: number;
  readonly entries: readonly LogEntry[];
  /** Every node that became whole by these entries, leaves included. */
  readonly nodes: readonly (NodePlace & { readonly hash: Uint8Array })[];
  readonly head: LogHead;
}

/** The account-wide log of seals as it is stored: it only grows, and one head at a time wins. */
export interface LogStore {
  /** The newest head; undefined for a log that nothing was ever written to. */
  head(): Promise<LogHead | undefined>;
  /** Seals that are not in the log, in the order in which they were stored; at most `limit`. */
  pending(limit: number): Promise<readonly StoredSeal[]>;
  /**
   * Compare and swap: `StaleStateError` unless the head is still of `fromSize`, and then nothing
   * was written. Durable when it returns; only then may the checkpoint be shown to anybody.
   */
  advance(advance: LogAdvance): Promise<void>;
  /** The hashes of whole nodes, in the order asked for. Throws `EvidenceError` (`log-incomplete`)
   * for one that is not there. */
  nodes(places: readonly NodePlace[]): Promise<readonly Uint8Array[]>;
  /** Entries from a position on, in order; at most `limit`. */
  entries(from: number, limit: number): Promise<readonly LogEntry[]>;
  /** Where a seal stands; undefined while it is not in the log. */
  positionOf(streamId: string, treeSize: number): Promise<number | undefined>;
  /** The entry of a key; undefined for a key that the log does not know. */
  keyEntry(keyId: string): Promise<LogEntry | undefined>;
}
