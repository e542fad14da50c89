import { EvidenceError } from '../errors.ts';
import { hexOf } from '../evidence/bytes.ts';
import { openCheckpoint } from '../evidence/checkpoint.ts';
import type { Checkpoints } from '../ports/checkpoints.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { LogHead, LogStore } from '../ports/log-store.ts';
import type { Store } from '../ports/store.ts';
import { streamOf } from '../transaction.ts';
import { type SealsOf, sealsReader } from './check-log-seals.ts';
import { walkLog } from './walk-log.ts';

/** Transactions of one page. */
const PAGE = 100;

/** What checking a log touches; it writes nothing. */
export interface CheckLogPorts {
  readonly store: Pick<Store, 'streams' | 'seals' | 'list'>;
  readonly log: LogStore;
  readonly checkpoints: Pick<Checkpoints, 'all'>;
  readonly crypto: Crypto;
}

/** Whom and what the reader knows from elsewhere. */
export interface LogTrust {
  /** The log's key: SPKI, DER. */
  readonly publicKey: Uint8Array;
  /** Checkpoints that the reader has kept, each with the name to call it by. */
  readonly pinned?: readonly { readonly name: string; readonly note: string }[];
  /** Who hears how many entries were read, of how many. */
  readonly onEntries?: (done: number, count: number) => void;
}

/** What a check of the whole log has found. */
export interface LogReport {
  readonly ok: boolean;
  /** Entries of its newest checkpoint. */
  readonly size: number;
  /** Checkpoints that it continues: published ones and pinned ones. */
  readonly checkpoints: number;
  /** Seals that are not in it yet. */
  readonly pending: number;
  /** A sentence each, which names what it is about. */
  readonly problems: readonly string[];
}

/**
 * Whether the log is what was published of it, and the store what was logged: every entry is
 * hashed again, every checkpoint compared, every seal looked up in both directions. Throws only
 * for a store that cannot be read.
 */
export async function checkLog(ports: CheckLogPorts, trust: LogTrust): Promise<LogReport> {
  const { log, crypto } = ports;
  const head = await log.head();
  const shown = await openShown(ports, trust);
  const problems = shown.flatMap(({ problem }) => problem ?? []);
  if (head !== undefined) problems.push(...headProblems(crypto, head, trust.publicKey));
  const checkpoints = shown.flatMap(({ checkpoint }) => checkpoint ?? []);
  const sealsOf = sealsReader(ports.store);
  const size = head?.size ?? 0;
  const sizes = checkpoints.map(({ size }) => size);
  const walked = await walkLog({ crypto, log, sealsOf }, { size, sizes, ...trust });
  problems.push(...walked.problems);
  if (head !== undefined && walked.roots.get(head.size) !== head.root)
    problems.push(`the entries of the log have another root than its head of ${head.size}`);
  for (const { name, size, root } of checkpoints) {
    const problem = continuityProblem(head, walked.roots, { size, root });
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
  }
  const left = await leftProblems(ports, sealsOf, size);
  problems.push(...left.problems, ...(await unsealedProblems(ports, sealsOf)));
  return {
    ok: problems.length === 0,
    size,
    checkpoints: checkpoints.length,
    pending: left.pending,
    problems,
  };
}

function headProblems(crypto: Crypto, head: LogHead, publicKey: Uint8Array): readonly string[] {
  try {
    const { size, root } = openCheckpoint(crypto, head.checkpoint, publicKey);
    const isSame = size === head.size && hexOf(root) === head.root;
    return isSame ? [] : ['the head of the log is not what its checkpoint says'];
  } catch (error) {
    return [`the head of the log: ${messageOf(error)}`];
  }
}

interface Shown {
  readonly checkpoint?: { readonly name: string; readonly size: number; readonly root: string };
  readonly problem?: string;
}

/** The checkpoints that anybody was shown. */
async function openShown(
  { checkpoints, crypto }: CheckLogPorts,
  { publicKey, pinned = [] }: LogTrust,
): Promise<readonly Shown[]> {
  const published = (await checkpoints.all()).map(({ size, note }) => ({
    name: `the published checkpoint of ${size} entries`,
    note,
  }));
  return [...published, ...pinned].map(({ name, note }) => {
    try {
      const { size, root } = openCheckpoint(crypto, note, publicKey);
      return { checkpoint: { name, size, root: hexOf(root) } };
    } catch (error) {
      return { problem: `${name}: ${messageOf(error)}` };
    }
  });
}

function continuityProblem(
  head: LogHead | undefined,
  roots: ReadonlyMap<number, string>,
  { size, root }: { readonly size: number; readonly root: string },
): string | undefined {
  const held = head?.size ?? 0;
  if (size > held) return `it has ${size} entries, the log ${held}: the log was put back or forked`;
  if (roots.get(size) === root) return undefined;
  return `the log has another root at ${size} entries: it was changed or forked`;
}

/** The stored seals that are not in the log: the newest of a stream may be on their way. */
async function leftProblems(
  { store, log }: CheckLogPorts,
  sealsOf: SealsOf,
  logSize: number,
): Promise<{ readonly problems: readonly string[]; readonly pending: number }> {
  const problems: string[] = [];
  let pending = 0;
  for (const streamId of await store.streams()) {
    const sizes = [...(await sealsOf(streamId)).keys()];
    const isLogged: boolean[] = [];
    for (const size of sizes) {
      const position = await log.positionOf(streamId, size);
      isLogged.push(position !== undefined && position < logSize);
    }
    for (const [index, size] of sizes.entries()) {
      if (isLogged[index] === true) continue;
      if (isLogged.indexOf(true, index) >= 0)
        problems.push(`seal ${size} of \`${streamId}\` is not in the log, and a later one is`);
      else pending += 1;
    }
  }
  return { problems, pending };
}

/** A transaction that says it is sealed has a seal; one whose records went away does not. */
async function unsealedProblems(
  { store }: CheckLogPorts,
  sealsOf: SealsOf,
): Promise<readonly string[]> {
  const problems: string[] = [];
  let after: string | undefined;
  do {
    const query = { limit: PAGE, ...(after === undefined ? {} : { after }) };
    const page = await store.list(query);
    for (const { id, sealed } of page.transactions)
      if (sealed && (await sealsOf(streamOf(id))).size === 0)
        problems.push(`transaction \`${id}\` was sealed, and its seals are not in the store`);
    after = page.next;
  } while (after !== undefined);
  return problems;
}

function messageOf(error: unknown): string {
  if (error instanceof EvidenceError) return error.message;
  throw error;
}
