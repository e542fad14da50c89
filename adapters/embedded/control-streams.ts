import type { DatabaseSync } from 'node:sqlite';
import type { ControlStreams } from '../../core/ports/control-streams.ts';
import { streamGrew } from '../../core/store-refusals.ts';
import { sealWriter } from './seal-rows.ts';
import { inTransaction } from './sqlite.ts';

/** The control streams in the store's database. */
export function embeddedControlStreams(database: DatabaseSync): ControlStreams {
  // One look at the index for each stream: DISTINCT would read every record.
  const open = database.prepare(
    `WITH RECURSIVE streams (id) AS (
       SELECT MIN(stream_id) FROM records WHERE stream_id >= 'control:'
       UNION ALL
       SELECT (SELECT MIN(stream_id) FROM records WHERE stream_id > id) FROM streams
         WHERE id LIKE 'control:%')
     SELECT id FROM streams WHERE id LIKE 'control:%'
       AND id NOT IN (SELECT stream_id FROM closed_streams)`,
  );
  const size = database.prepare('SELECT count(*) AS size FROM records WHERE stream_id = ?');
  const close = database.prepare('INSERT INTO closed_streams (stream_id) VALUES (?)');
  const put = sealWriter(database);
  return {
    open: async () => open.all().map((row) => row['id'] as string),
    async seal(seal, { isLast }) {
      inTransaction(database, () => {
        put(seal);
        if (!isLast) return;
        if (size.get(seal.streamId)?.['size'] !== seal.treeSize) throw streamGrew(seal.streamId);
        close.run(seal.streamId);
      });
    },
  };
}
