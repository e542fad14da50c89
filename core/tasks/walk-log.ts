import { EvidenceError } from '../errors.ts';
import { areEqual, hexOf } from '../evidence/bytes.ts';
import { parseKeyStatement } from '../evidence/log-entry.ts';
import { growLog, type LogEdge } from '../evidence/log-tree.ts';
import { leafHash } from '../evidence/merkle.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { LogEntry, LogStore } from '../ports/log-store.ts';
import type { SealsOf } from './check-log-seals.ts';
import { type OpenedSeal, openSeal } from './open-seal.ts';

/** Entries of one read. */
const PAGE = 500;

/** What a walk over all entries has found. */
export interface WalkedLog {
  /** Root at each size that was asked for, hex. */
  readonly roots: ReadonlyMap<number, string>;
  readonly problems: readonly string[];
}

interface WalkPorts {
  readonly crypto: Crypto;
  readonly log: LogStore;
  readonly sealsOf: SealsOf;
}

/** How far to walk. */
export interface WalkWanted {
  /** Entries that the log is said to have. */
  readonly size: number;
  /** Sizes whose roots are wanted besides. */
  readonly sizes: readonly number[];
  readonly onEntries?: (done: number, count: number) => void;
}

/** Reads every entry of the log in order, hashes it anew and holds it to the store. */
export async function walkLog(
  ports: WalkPorts,
  { size, sizes, onEntries }: WalkWanted,
): Promise<WalkedLog> {
  const { crypto, log } = ports;
  const wanted = new Set([...sizes, size]);
  const roots = new Map<number, string>();
  const problems: string[] = [];
  const judge = entryJudge(ports);
  let edge: LogEdge = { size: 0, frontier: [] };
  if (wanted.has(0)) roots.set(0, hexOf(growLog(crypto, edge, []).root));
  while (edge.size <= size) {
    const entries = await log.entries(edge.size, PAGE);
    if (entries.length === 0) break;
    for (const entry of entries) {
      // One that is missing makes another place of every one behind it: they are not judged.
      if (entry.position !== edge.size) {
        problems.push(`entry ${edge.size} of the log is missing`);
        return { roots, problems };
      }
      const grown = growLog(crypto, edge, [leafHash(crypto, entry.statement)]);
      problems.push(...(await nodeProblems(log, grown.nodes)));
      edge = grown;
      if (wanted.has(edge.size)) roots.set(edge.size, hexOf(grown.root));
      const problem = await judge(entry);
      if (problem !== undefined) problems.push(`entry ${entry.position} of the log: ${problem}`);
    }
    onEntries?.(edge.size, size);
  }
  if (edge.size !== size) problems.push(`the log has ${edge.size} entries, its head says ${size}`);
  return { roots, problems };
}

async function nodeProblems(
  log: LogStore,
  nodes: ReturnType<typeof growLog>['nodes'],
): Promise<readonly string[]> {
  try {
    const stored = await log.nodes(nodes);
    return nodes.flatMap(({ level, index, hash }, at) =>
      areEqual(hash, stored[at] as Uint8Array)
        ? []
        : [`node ${index} of level ${level} of the log is not the hash of its entries`],
    );
  } catch (error) {
    if (error instanceof EvidenceError) return [error.message];
    throw error;
  }
}

/** Judges entries in their order: the newest key is the one that seals. */
function entryJudge({
  crypto,
  sealsOf,
}: WalkPorts): (entry: LogEntry) => Promise<string | undefined> {
  let newest: string | undefined;
  const known = new Set<string>();
  const judgeKey = (statement: Uint8Array, keyId: string): string | undefined => {
    const key = parseKeyStatement(statement);
    const isItself = key.keyId === keyId && keyId === hexOf(crypto.sha256(key.publicKey));
    if (!isItself) return `is not the key \`${keyId}\``;
    if (key.replaces !== newest) return `the key \`${keyId}\` does not name the one before it`;
    if (known.has(keyId)) return `the key \`${keyId}\` has come before`;
    newest = keyId;
    known.add(keyId);
    return undefined;
  };
  const judgeSeal = async (entry: LogEntry, streamId: string, treeSize: number) => {
    const seals = await sealsOf(streamId);
    const stored = seals.get(treeSize);
    const place = `seal ${treeSize} of \`${streamId}\``;
    if (seals.size === 0) return `\`${streamId}\` has no seals in the store: it was deleted`;
    if (stored === undefined) return `${place} is not in the store: the stream was cut`;
    const opened: OpenedSeal = openSeal(crypto, stored);
    if (!areEqual(opened.statement, entry.statement))
      return `${place} is not the one that was logged`;
    if (opened.keyId !== newest) return `${place} is by a key that was not the newest`;
    return undefined;
  };
  return async (entry) => {
    const { of, statement } = entry;
    try {
      return of.kind === 'key'
        ? judgeKey(statement, of.keyId)
        : await judgeSeal(entry, of.streamId, of.treeSize);
    } catch (error) {
      if (error instanceof EvidenceError) return error.message;
      throw error;
    }
  };
}
