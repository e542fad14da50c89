import { loadDecisionPoint } from '../../adapters/cedar/decision-point.ts';
import { type ControlPlane, openControlPlane } from '../../adapters/embedded/control-plane.ts';
import { ownerOfProcess } from '../../adapters/embedded/owner.ts';
import { AUDITOR } from '../../agents/iam-auditor/agent.ts';
import type { Proposal } from '../../agents/iam-auditor/propose.ts';
import { InterlockError, InvariantError } from '../../core/errors.ts';
import { parseRecord } from '../../core/evidence/index.ts';
import type { Signer } from '../../core/ports/signer.ts';
import { stateOf } from '../../core/tasks/context.ts';
import { preflight } from '../../core/tasks/preflight.ts';
import { propose } from '../../core/tasks/propose.ts';
import { streamOf, type Transaction } from '../../core/transaction.ts';
import { operatorName, POLICIES_FOLDER } from '../open.ts';
import { Rehearsal } from './rehearsal.ts';

/**
 * What the control plane would say to each plan, by proposal id: every plan goes through preflight on a
 * copy of the account in memory. Nothing is written anywhere.
 */
export async function rehearse(
  gaad: unknown,
  proposals: readonly Proposal[],
): Promise<ReadonlyMap<string, Rehearsal>> {
  const scratch = openScratch(gaad);
  try {
    const rehearsals = new Map<string, Rehearsal>();
    // INVARIANT: a principal has one plan; the locks of a rehearsed one stay.
    for (const proposal of proposals)
      rehearsals.set(proposal.id, await rehearseOne(scratch, proposal));
    return rehearsals;
  } finally {
    scratch.close();
  }
}

/** A control plane in memory, on a copy of the account. */
function openScratch(gaad: unknown): ControlPlane {
  const scratch = openControlPlane({
    storePath: ':memory:',
    accountPath: ':memory:',
    signer: NO_SIGNER,
    decisionPoint: loadDecisionPoint(POLICIES_FOLDER),
    operator: operatorName(),
  });
  scratch.account.load(gaad);
  return scratch;
}

// Preflight seals nothing.
const NO_SIGNER: Signer = {
  keyId: '',
  publicKey: new Uint8Array(),
  sign: async () => {
    throw new InvariantError('a rehearsal signs nothing');
  },
};

async function rehearseOne({ ports }: ControlPlane, { id, plan }: Proposal): Promise<Rehearsal> {
  let proposed: Transaction;
  try {
    const request = { plan, idempotencyKey: id, actor: AUDITOR };
    proposed = (await propose(ports, request)).transaction;
  } catch (error) {
    if (!(error instanceof InterlockError) || error instanceof InvariantError) throw error;
    const { code, message } = error;
    return { outcome: 'would-be-rejected', reason: { code, message }, steps: [] };
  }
  const lease = { owner: ownerOfProcess(), leaseUntil: ports.clock.now() + ports.timing.leaseMs };
  const { epoch } = proposed;
  const started = await ports.store.start({ transactionId: proposed.id, epoch, ...lease });
  await preflight(ports, stateOf(started));
  return rehearsalOf(ports, started.id);
}

async function rehearsalOf(ports: ControlPlane['ports'], id: string): Promise<Rehearsal> {
  const row = await ports.store.load(id);
  if (row === undefined) throw new InvariantError(`\`${id}\` has gone`);
  const records = (await ports.store.records(streamOf(id))).map(parseRecord);
  const steps = records
    .filter((each) => each.kind === 'preflighted')
    .flatMap((each) => each.data['steps'] as unknown as readonly PreflightedStep[]);
  const outcome = outcomeOf(row);
  const { code, detail = code, message = detail, stepIndex } = row.reason ?? {};
  const at = stepIndex === undefined ? {} : { stepIndex };
  return Rehearsal.parse({
    outcome,
    ...(outcome === 'would-be-rejected' ? { reason: { code: detail, message, ...at } } : {}),
    steps: steps.map((each) => ({
      action: row.plan.steps[each.stepIndex]?.action,
      answer: each.decision.answer,
      policies: each.decision.reasons,
      facts: each.facts,
      changes: each.beforeDigest !== each.predictedDigest,
    })),
  });
}

/** The parts of a `preflighted` record that a rehearsal shows; parsed with it. */
interface PreflightedStep {
  readonly stepIndex: number;
  readonly beforeDigest: string;
  readonly predictedDigest: string;
  readonly facts: unknown;
  readonly decision: { readonly answer: string; readonly reasons: unknown };
}

function outcomeOf({ status }: Transaction): Rehearsal['outcome'] {
  if (status === 'running') return 'would-run';
  return status === 'awaiting-approval' ? 'would-wait-for-approval' : 'would-be-rejected';
}
