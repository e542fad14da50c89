import type { DatabaseSync } from 'node:sqlite';
import { leafHash, nodeHash } from '../../../core/evidence/merkle.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { inTransaction } from '../sqlite.ts';

/** A log of more entries than there are safe numbers has no more levels. */
const LEVELS_MAX = 53;

/**
 * Makes the hashes of the log that are lost anew: those of entries that are left, then those above
 * two that are there. Whether they are those of the log, its checkpoint tells whoever verifies.
 */
export function fillLogNodes(database: DatabaseSync): void {
  database.function('leaf_hash', (statement) => leafHash(nodeCrypto, statement as Uint8Array));
  database.function('node_hash', (left, right) =>
    nodeHash(nodeCrypto, left as Uint8Array, right as Uint8Array),
  );
  const fillAbove = database.prepare(ABOVE);
  inTransaction(database, () => {
    database.exec(LEAVES);
    for (let level = 0; level < LEVELS_MAX; level += 1) fillAbove.run(level);
  });
}

const LEAVES = `INSERT OR IGNORE INTO log_nodes (level, place, hash)
  SELECT 0, position, leaf_hash(statement) FROM log_entries
  WHERE NOT EXISTS (SELECT 1 FROM log_nodes WHERE level = 0 AND place = position)`;

const ABOVE = `INSERT OR IGNORE INTO log_nodes (level, place, hash)
  SELECT one.level + 1, one.place / 2, node_hash(one.hash, two.hash) FROM log_nodes one
  JOIN log_nodes two ON two.level = one.level AND two.place = one.place + 1
  WHERE one.level = ? AND one.place % 2 = 0 AND NOT EXISTS (
    SELECT 1 FROM log_nodes WHERE level = one.level + 1 AND place = one.place / 2)`;
