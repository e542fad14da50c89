import { z } from 'zod';
import { reconcileExecution, sweep } from '../adapters/aws/reconciler.ts';
import { handler as asHandler } from './handler.ts';
import { logLagMs } from './logging.ts';
import { reportLogLag, reportRestarted, reportSweep } from './metrics.ts';
import { openPorts, openRunner } from './wiring.ts';

// An execution has ended otherwise than by its last state, or a minute has passed.
const Ended = z.object({ detail: z.object({ name: z.string().max(80) }) });
const open = openPorts({});

/** Goes on with what nobody runs: one transaction that an event names, or all that a sweep finds. */
export const handler = asHandler(async (event) => {
  const parts = openRunner(await open());
  const ended = Ended.safeParse(event);
  if (!ended.success) {
    const found = await sweep(parts);
    reportSweep(found);
    reportLogLag(await logLagMs(parts.ports.clock.now()));
    // Lambda tries again, and what fails every time is a dead letter, which somebody is told of.
    for (const { error } of found.failed) throw error;
    return;
  }
  const restarted = await reconcileExecution(parts, ended.data.detail.name);
  reportRestarted(restarted === undefined ? [] : [restarted]);
});
