import { loadDecisionPoint } from '../adapters/cedar/decision-point.ts';
import { type ControlPlane, openControlPlane } from '../adapters/embedded/control-plane.ts';
import { parseRecord } from '../core/evidence/index.ts';
import type { KillMode, KillScope } from '../core/ports/kill-switch.ts';
import type { Signer } from '../core/ports/signer.ts';
import { preflight } from '../core/tasks/preflight.ts';
import { propose } from '../core/tasks/propose.ts';
import { streamOf, type Transaction } from '../core/transaction.ts';
import type { DryRun } from './json-shapes.ts';
import { operatorName, POLICIES_FOLDER } from './open.ts';
import { predictedSteps } from './predicted-steps.ts';

/** What a dry run starts from. */
export interface DryRunSource {
  readonly plan: unknown;
  readonly actor: string;
  /** The account: a database that the dry run may write to, or the content of a GAAD file. */
  readonly account: { readonly path: string } | { readonly gaad: unknown };
  readonly killMode: (scopes: readonly KillScope[]) => KillMode;
}

/** A dry run with the row that its preflight left in the scratch store. */
export interface DryRunResult {
  readonly report: DryRun;
  readonly transaction: Transaction;
}

const LEASE_MS = 60_000;

/**
 * Decides and predicts a plan with the real policies on a scratch control plane: takes no lock and
 * starts nothing. It goes exactly as far as preflight, through preflight itself. Throws what
 * `propose` throws.
 */
export async function dryRun(source: DryRunSource): Promise<DryRunResult> {
  const controlPlane = openScratch(source);
  try {
    const { ports } = controlPlane;
    const { plan, actor } = source;
    const proposed = await propose(ports, { plan, actor, idempotencyKey: 'dry-run' });
    const { id, epoch } = proposed.transaction;
    const leaseUntil = ports.clock.now() + LEASE_MS;
    const started = await ports.store.start({
      transactionId: id,
      epoch,
      owner: 'dry-run',
      leaseUntil,
    });
    await preflight(ports, {
      transactionId: id,
      epoch: started.epoch,
      stepIndex: 0,
      next: 'preflight',
    });
    const transaction = (await ports.store.load(id)) ?? started;
    const records = (await ports.store.records(streamOf(id))).map(parseRecord);
    const steps = predictedSteps(records, transaction.plan.steps);
    const { policySetDigest } = ports.decisionPoint;
    const { reason } = transaction;
    const answer = answerOf(transaction);
    const report = { answer, ...(reason === undefined ? {} : { reason }), policySetDigest, steps };
    return { report, transaction };
  } finally {
    controlPlane.close();
  }
}

function openScratch({ account, killMode }: DryRunSource): ControlPlane {
  const controlPlane = openControlPlane({
    storePath: ':memory:',
    accountPath: 'path' in account ? account.path : ':memory:',
    signer: UNUSED_SIGNER,
    decisionPoint: loadDecisionPoint(POLICIES_FOLDER),
    operator: operatorName(),
    wrap: (ports) => ({
      ...ports,
      killSwitch: { ...ports.killSwitch, effective: async (scopes) => killMode(scopes) },
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

function answerOf({ status, reason }: Transaction): DryRun['answer'] {
  if (status === 'awaiting-approval') return 'awaiting-approval';
  if (status !== 'rejected') return 'allow';
  return reason?.code === 'denied' ? 'deny' : 'refused';
}
