import { loadDecisionPoint } from '../adapters/cedar/decision-point.ts';
import { type ControlPlane, openControlPlane } from '../adapters/embedded/control-plane.ts';
import type { KillMode, KillScope } from '../core/ports/kill-switch.ts';
import type { Signer } from '../core/ports/signer.ts';
import { operatorName, POLICIES_FOLDER } from './open.ts';

/** What a dry run starts from. */
export interface Scratch {
  /** The account: a database that the dry run may write to, or the content of a GAAD file. */
  readonly account: { readonly path: string } | { readonly gaad: unknown };
  /** A running one when absent. */
  readonly killMode?: (scopes: readonly KillScope[]) => KillMode;
}

/** A control plane in memory, with the real policies, for what is to leave no trace. */
export function openScratch({ account, killMode }: Scratch): ControlPlane {
  const controlPlane = openControlPlane({
    storePath: ':memory:',
    accountPath: 'path' in account ? account.path : ':memory:',
    signer: UNUSED_SIGNER,
    decisionPoint: loadDecisionPoint(POLICIES_FOLDER),
    operator: operatorName(),
    ...(killMode === undefined
      ? {}
      : {
          wrap: (ports) => ({
            ...ports,
            killSwitch: { ...ports.killSwitch, effective: async (scopes) => killMode(scopes) },
          }),
        }),
  });
  if ('gaad' in account) controlPlane.account.load(account.gaad);
  return controlPlane;
}

/** A dry run ends before anything could be sealed. */
const UNUSED_SIGNER: Signer = {
  keyId: '0'.repeat(64),
  publicKey: new Uint8Array(),
  sign: () => Promise.reject(new Error('a dry run signs nothing')),
};
