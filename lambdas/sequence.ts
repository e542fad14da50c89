import { sequence } from '../core/tasks/sequence.ts';
import { handler as asHandler } from './handler.ts';
import { logDone } from './log.ts';
import { openSequencer } from './logging.ts';
import { once } from './once.ts';

/** For how long one call goes on while seals come in; the next follows at once. */
const RUN_MS_MAX = 50_000;
const open = once(openSequencer);

/** Takes what is pending into the log, a checkpoint a second; an event is but a hint. */
export const handler = asHandler(async () => {
  const ports = await open();
  const endAt = ports.clock.now() + RUN_MS_MAX;
  for (let entered = 1; entered > 0 && ports.clock.now() < endAt; ) {
    entered = await sequence(ports, 'wait');
    if (entered > 0) logDone('seals are in the log', { entered });
  }
});
