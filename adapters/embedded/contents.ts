import type { DatabaseSync } from 'node:sqlite';
import { sha256Hex } from '../../core/hash.ts';
import type { Contents } from '../../core/ports/contents.ts';

/** The contents of a store's database. */
export function embeddedContents(database: DatabaseSync): Contents {
  const put = database.prepare('INSERT OR IGNORE INTO contents (digest, text) VALUES (?, ?)');
  const get = database.prepare('SELECT text FROM contents WHERE digest = ?');
  return {
    async keep(text) {
      const digest = sha256Hex(text);
      // Asked first: a write, even of nothing new, waits for the lock of the database.
      if (get.get(digest) === undefined) put.run(digest, text);
    },
    find: async (digest) => get.get(digest)?.['text'] as string | undefined,
  };
}
