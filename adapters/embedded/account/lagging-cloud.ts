import type { Cloud } from '../../../core/ports/cloud.ts';
import { isMutating } from './sessions.ts';

/** How far reads lag behind, and where to read the past. */
export interface Lag {
  /** How stale the next read is, in ms; asked anew for each read. */
  readonly lagMs: () => number;
  /** Epoch ms. */
  readonly clock: () => number;
  /** The same session as it saw the account at a time (epoch ms): `account.session({ asOf })`. */
  readonly snapshotReads: (at: number) => Cloud;
}

/** A cloud that is eventually consistent: reads see the past, mutations always meet the present. */
export function laggingCloud(cloud: Cloud, lag: Lag): Cloud {
  return {
    call(request) {
      if (isMutating(request.operation)) return cloud.call(request);
      return lag.snapshotReads(lag.clock() - lag.lagMs()).call(request);
    },
  };
}
