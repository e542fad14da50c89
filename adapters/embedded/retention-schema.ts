import { RETENTION_DAYS_MIN } from '../../core/retention.ts';

/** The tables of what was pruned, as SQL. */
export const RETENTION_TABLES = `
CREATE TABLE IF NOT EXISTS pruned_streams (
  stream_id TEXT PRIMARY KEY, records INTEGER NOT NULL, archive_digest TEXT NOT NULL,
  at INTEGER NOT NULL) STRICT;
`;

// Of SQLite's own clock, not of who asks.
const KEPT_SINCE_MS = `unixepoch('now') * 1000 - 86400000 * COALESCE(
  (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'retentionDays'), ${RETENTION_DAYS_MIN})`;

/**
 * Records are append-only, but for a stream that stands in \`pruned_streams\`; and there only comes
 * the sealed stream of a transaction that has ended and is older than the retention.
 */
export const RETENTION_TRIGGERS = `
CREATE TRIGGER IF NOT EXISTS records_stay BEFORE DELETE ON records
  WHEN NOT EXISTS (SELECT 1 FROM pruned_streams WHERE stream_id = OLD.stream_id)
  BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER IF NOT EXISTS records_are_final BEFORE UPDATE ON records
  BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER IF NOT EXISTS records_are_not_pruned BEFORE INSERT ON records
  WHEN EXISTS (SELECT 1 FROM pruned_streams WHERE stream_id = NEW.stream_id)
  BEGIN SELECT RAISE(ABORT, 'the stream was pruned'); END;
CREATE TRIGGER IF NOT EXISTS pruned_streams_are_over BEFORE INSERT ON pruned_streams
  WHEN substr(NEW.stream_id, 1, 3) <> 'tx:' OR NOT EXISTS (
    SELECT 1 FROM transactions
    WHERE id = substr(NEW.stream_id, 4) AND sealed = 1
      AND (status IN ('committed', 'rejected', 'compensated')
        OR (status = 'stuck' AND resolution IS NOT NULL))
      AND MAX(created_at, COALESCE(json_extract(resolution, '$.at'), 0)) <= ${KEPT_SINCE_MS}
      AND EXISTS (SELECT 1 FROM seals WHERE seals.stream_id = NEW.stream_id)
      AND NOT EXISTS (SELECT 1 FROM locks WHERE locks.transaction_id = transactions.id))
  BEGIN SELECT RAISE(ABORT, 'evidence is kept for its retention'); END;
CREATE TRIGGER IF NOT EXISTS pruned_streams_stay BEFORE DELETE ON pruned_streams
  BEGIN SELECT RAISE(ABORT, 'pruned_streams are append-only'); END;
CREATE TRIGGER IF NOT EXISTS pruned_streams_are_final BEFORE UPDATE ON pruned_streams
  BEGIN SELECT RAISE(ABORT, 'pruned_streams are append-only'); END;
`;
