import { type Rotation, rotateSealKey } from '../adapters/embedded/key-rotation.ts';
import { requireReason } from '../core/tasks/halt.ts';
import { flushLog } from './flush-log.ts';
import { openExisting } from './open.ts';
import type { Output } from './output.ts';

/** Replaces the key that seals in a data folder; the log has the old key's seals before, and the new
 * key after. Throws `InvalidInputError` (`invalid-reason`). */
export async function rotateKey(data: string, reason: string, output: Output): Promise<Rotation> {
  requireReason(reason);
  const before = openExisting({ data });
  const { folder, operator, ports } = before;
  try {
    await flushLog(before.log, output);
    const actor = `operator:${operator}`;
    return await rotateSealKey(folder, { actor, reason, now: ports.clock.now() });
  } finally {
    before.close();
    // With the new key, which seals the record of the rotation.
    const after = openExisting({ data });
    await flushLog(after.log, output);
    after.close();
  }
}
