import type { EmbeddedLog } from '../adapters/embedded/log.ts';
import type { Output } from './output.ts';
import { reportError } from './report-error.ts';

/**
 * Brings what a command has sealed into the log, before it ends; takes a second at most, where the
 * last checkpoint is that young. What goes wrong is said, and does not change how the command has
 * ended: what it did is sealed, and the next command or `serve` tries again.
 */
export async function flushLog(log: EmbeddedLog, output: Output): Promise<void> {
  try {
    await log.sequence('wait');
  } catch (error) {
    reportError(output, error);
  }
}
