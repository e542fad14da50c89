import { EXIT } from './exit-codes.ts';

/** The wish of the person at the keyboard to stop. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Gives Ctrl-C back to the runtime. */
  release(): void;
}

/** The first SIGINT or SIGTERM aborts the signal, so that work ends between two tasks; the second
 * exits at once, which loses nothing either. */
export function watchInterruption(): Interruption {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
