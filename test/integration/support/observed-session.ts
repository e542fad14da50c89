import { laggingCloud } from '../../../adapters/embedded/account/lagging-cloud.ts';
import type { ControlPlaneOptions } from '../../../adapters/embedded/control-plane.ts';
import type { Json } from '../../../core/json.ts';
import type { CloudRequest } from '../../../core/ports/cloud.ts';

/** Whose session a call is made under. */
export interface CallSession {
  readonly transactionId: string;
  /** `locate`, `read`, or the attempt id of an effect. */
  readonly purpose: string;
  readonly isEffect: boolean;
}

/**
 * Stands around every call to the account: `call()` makes it, under the very session. What is
 * returned or thrown is what the engine sees.
 */
export type OnCall = (
  request: CloudRequest,
  session: CallSession,
  call: () => Promise<Json>,
) => Promise<Json>;

/** What tests can change of a running world. */
export interface CallHooks {
  onCall: OnCall;
  /** How stale the next read is, ms; needs an account that keeps history. */
  lagMs: (() => number) | undefined;
}

/** Sessions of the simulated account with the hooks around every call. */
export function observedSessions(
  hooks: CallHooks,
): NonNullable<ControlPlaneOptions['openSession']> {
  return (account, clock) => (session) => {
    const open = (asOf?: () => number) =>
      account.session({
        ...session,
        now: () => clock.now(),
        ...(asOf === undefined ? {} : { asOf }),
      });
    const present = open();
    const lagging = laggingCloud(present, {
      lagMs: () => hooks.lagMs?.() ?? 0,
      clock: () => clock.now(),
      snapshotReads: (at) => open(() => at),
    });
    const [, transactionId = '', purpose = ''] = session.principal.split('/');
    const isEffect = purpose !== 'locate' && purpose !== 'read';
    const about: CallSession = { transactionId, purpose, isEffect };
    return {
      call: (request) =>
        hooks.onCall(request, about, () =>
          (hooks.lagMs === undefined ? present : lagging).call(request),
        ),
    };
  };
}
