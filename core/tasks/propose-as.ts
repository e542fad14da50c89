import { DeniedError } from '../errors.ts';
import { parsePlan } from '../plan.ts';
import { type DryRun, dryRun } from './dry-run.ts';
import { observe } from './observe.ts';
import { actorOf, type Caller } from './operate.ts';
import type { Ports } from './ports.ts';
import { type Proposed, propose, refuseProposal } from './propose.ts';

/** A plan as an authenticated caller brings it. */
export interface CallersPlan {
  /** Anything: it is parsed here. */
  readonly plan: unknown;
  readonly idempotencyKey: string;
}

/**
 * Accepts the plan of an authenticated caller: agents propose, each in its own name. Throws
 * `DeniedError` (`agents-only`, `foreign-agent`) with a record of the refusal, and what `propose`
 * throws.
 */
export async function proposeAs(
  ports: Ports,
  caller: Caller,
  { plan, idempotencyKey }: CallersPlan,
): Promise<Proposed> {
  await requireOwnPlan(ports, caller, plan);
  return propose(ports, { plan, idempotencyKey, actor: actorOf(caller) });
}

/** Dry-runs the plan of an authenticated caller; throws as `proposeAs` does. */
export async function dryRunAs(ports: Ports, caller: Caller, plan: unknown): Promise<DryRun> {
  await requireOwnPlan(ports, caller, plan);
  return dryRun(ports, { plan, actor: actorOf(caller) });
}

async function requireOwnPlan(ports: Ports, caller: Caller, input: unknown): Promise<void> {
  const plan = parsePlan(input);
  if (caller.type === 'Agent' && caller.id === plan.agent) return;
  const error =
    caller.type === 'Agent'
      ? new DeniedError('foreign-agent', `the plan names \`${plan.agent}\`, not \`${caller.id}\``, {
          hint: 'an agent proposes in its own name',
        })
      : new DeniedError('agents-only', 'operators do not propose plans');
  return refuseProposal(observe(ports), { plan, actor: actorOf(caller), error });
}
