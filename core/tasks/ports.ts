import type { Actions } from '../ports/actions.ts';
import type { Clock } from '../ports/clock.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { DecisionPoint } from '../ports/decision-point.ts';
import type { Ids } from '../ports/ids.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Signer } from '../ports/signer.ts';
import type { Store } from '../ports/store.ts';
import type { Vault } from '../ports/vault.ts';

/** Footprints that settle at once: the API of a target takes only so many calls. */
export const SETTLING_MAX = 8;

/** How long things take at the target; configuration of a deployment. All in milliseconds. */
export interface Timing {
  /** A read is settled when it stays equal for this long; above the target's replication lag. */
  readonly settleMs: number;
  /** How long a claimed effect may take to land. */
  readonly effectMs: number;
  /** How far the clocks of host and target may be apart. */
  readonly skewMs: number;
  /** How long a runner owns a transaction without renewing. */
  readonly leaseMs: number;
  /** Footprints that settle at once, at most; absent: `SETTLING_MAX`, and with 0 each in its turn. */
  readonly settlingMax?: number;
  /** How long an approval holds, at most to the plan's deadline; absent: `APPROVAL_MS`. */
  readonly approvalMs?: number;
}

/** Everything that a task may touch. */
export interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly killSwitch: KillSwitch;
  readonly signer: Signer;
  readonly decisionPoint: DecisionPoint;
  readonly crypto: Crypto;
  readonly actions: Actions;
  readonly timing: Timing;
}
