import fs from 'node:fs';
import { openReplayer, type Replayer } from '../adapters/embedded/replayer.ts';
import { InvalidInputError } from '../core/errors.ts';
import { BUNDLE_BYTES_MAX, parseBundle } from '../core/evidence/index.ts';
import { recordedOf } from '../core/replay/recorded.ts';
import type { Recorded } from '../core/replay/replay.ts';
import { pagesOf } from '../core/tasks/pages.ts';
import { isDryRun, streamOf } from '../core/transaction.ts';
import { inFile } from './in-file.ts';
import { type LocalControlPlane, openExisting } from './open.ts';
import { readBoundedFile } from './read-json-file.ts';

/** Recorded transactions and who can run them again. */
export interface Replaying {
  readonly replayer: Replayer;
  /** One after the other, the oldest first. */
  readonly recorded: () => AsyncIterable<Recorded>;
  /** How many were left out so far, for an archive alone has their records. */
  readonly pruned: () => number;
  close(): void;
}

/** Transactions of one page. */
const PAGE = 100;

/** What a word of the command line names: a bundle's file, or a transaction of the data folder. */
export function openNamed(data: string, name: string): Replaying {
  return fs.existsSync(name) ? openBundle(name) : openOne(data, name);
}

function openBundle(file: string): Replaying {
  const bundle = inFile(file, () => parseBundle(readBoundedFile(file, BUNDLE_BYTES_MAX)));
  const find = async (digest: string): Promise<string | undefined> => {
    const bytes = bundle.contents[digest];
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  };
  return {
    replayer: openReplayer({ find }),
    recorded: async function* () {
      yield bundle;
    },
    pruned: () => 0,
    close: () => undefined,
  };
}

function openOne(data: string, id: string): Replaying {
  const plane = openExisting({ data });
  return {
    replayer: openReplayer(plane.contents),
    recorded: async function* () {
      const transaction = await plane.ports.store.load(id);
      if (transaction === undefined || isDryRun(id)) throw notThere(id);
      yield recordedOf(plane.ports.store, id);
    },
    pruned: () => 0,
    close: () => plane.close(),
  };
}

/** All transactions of a data folder that were proposed at or after a time, epoch milliseconds, but
 * for those that were pruned. */
export function openSince(data: string, sinceMs: number): Replaying {
  const plane = openExisting({ data });
  let pruned = 0;
  return {
    replayer: openReplayer(plane.contents),
    recorded: async function* () {
      for (const id of await idsSince(plane, sinceMs)) {
        if (plane.retention.isPruned(streamOf(id))) pruned += 1;
        else yield recordedOf(plane.ports.store, id);
      }
    },
    pruned: () => pruned,
    close: () => plane.close(),
  };
}

/** Their ids alone: all of them have room where their records would not. */
async function idsSince(
  { ports: { store } }: LocalControlPlane,
  sinceMs: number,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of pagesOf(store, { limit: PAGE })) {
    const wanted = page.filter(({ createdAt }) => createdAt >= sinceMs);
    ids.push(...wanted.map(({ id }) => id));
    if (wanted.length < page.length) break;
  }
  return ids.reverse();
}

function notThere(name: string): InvalidInputError {
  return new InvalidInputError('usage', `\`${name}\` is neither a file nor a transaction`, {
    hint: 'see `interlock tx list`',
  });
}
