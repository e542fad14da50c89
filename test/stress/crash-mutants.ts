import { InvariantError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/hash.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Cloud } from '../../core/ports/cloud.ts';
import type { Change } from '../../core/ports/store.ts';
import { sessionPolicyText } from '../../core/session-policy.ts';
import type { Ports } from '../../core/tasks/ports.ts';
import type { Claim } from '../../core/transaction.ts';

/** A defect that the crash test must find: the claim comes late, or one barrier is missing. */
export const MUTANTS = [
  'claim-after-effect',
  'no-barrier-after-proposal',
  'no-barrier-after-claim',
  'no-barrier-after-compensation-claim',
  'no-barrier-after-outcome',
] as const;
export type Mutant = (typeof MUTANTS)[number];

type OpenCloud = (policy: { readonly sessionPolicy: string; readonly principal: string }) => Cloud;

/** Ports that behave as if the engine had the defect. */
export function mutate(mutant: Mutant, ports: Ports, open: OpenCloud): Ports {
  return mutant === 'claim-after-effect'
    ? claimAfterEffect(ports, open)
    : dropBarrier(mutant, ports);
}

/** Holds the writes of a claim and of its vend back until the effect has happened. */
function claimAfterEffect(ports: Ports, open: OpenCloud): Ports {
  let held: Change[] = [];
  let claim: Claim | undefined;
  const release = async (): Promise<void> => {
    for (const change of held) await ports.store.change(change);
    held = [];
    claim = undefined;
  };
  return {
    ...ports,
    store: {
      ...ports.store,
      async change(change) {
        const made = claimIn(change);
        if (made?.kind === 'apply') claim = made;
        if (claim === undefined) return ports.store.change(change);
        held.push(change);
      },
    },
    vault: {
      ...ports.vault,
      async effect(request) {
        if (claim === undefined) return ports.vault.effect(request);
        const session = await sessionOf(ports, claim);
        const cloud = open(session);
        const call: Cloud['call'] = async (wanted) => {
          try {
            return await cloud.call(wanted);
          } finally {
            await release();
          }
        };
        return { cloud: { call }, policyDigest: sha256Hex(session.sessionPolicy) };
      },
    },
  };
}

/** The session that the vault would have opened, had the claim been in the store. */
async function sessionOf(ports: Ports, claim: Claim) {
  const transaction = await ports.store.load(claim.transactionId);
  const step = transaction?.plan.steps[claim.stepIndex];
  const target = transaction?.targets?.[claim.stepIndex];
  const action = ports.actions.byId(step?.action ?? '');
  if (transaction === undefined || target === undefined || action === undefined)
    throw new InvariantError('a claim is about a prepared step');
  const { apply } = action.permissions(target, step?.input as JsonObject);
  return {
    sessionPolicy: sessionPolicyText(apply, claim.effectDeadline),
    principal: `${transaction.agent}/${transaction.id}/${claim.attemptId}`,
  };
}

/** Leaves out the barrier that follows one kind of write. */
function dropBarrier(mutant: Mutant, ports: Ports): Ports {
  let last: Mutant | undefined;
  return {
    ...ports,
    store: {
      ...ports.store,
      create(transaction, records) {
        last = 'no-barrier-after-proposal';
        return ports.store.create(transaction, records);
      },
      change(change) {
        const kind = claimIn(change)?.kind;
        if (kind === 'apply') last = 'no-barrier-after-claim';
        else if (kind === 'compensate') last = 'no-barrier-after-compensation-claim';
        else if (change.records.some((record) => record.kind === 'outcome'))
          last = 'no-barrier-after-outcome';
        return ports.store.change(change);
      },
      barrier: async () => (last === mutant ? undefined : ports.store.barrier()),
    },
  };
}

function claimIn({ writes }: Change): Claim | undefined {
  return writes.find((one) => one.write === 'claim')?.claim;
}
