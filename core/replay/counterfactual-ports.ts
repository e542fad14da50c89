import { UndeterminedError } from '../errors.ts';
import { digestOf } from '../hash.ts';
import type { Answer, DecisionPoint, DecisionRequest } from '../ports/decision-point.ts';
import type { KillMode } from '../ports/kill-switch.ts';
import { protectedAffected } from '../protection.ts';
import type { Ports } from '../tasks/ports.ts';
import type { MemoryStore } from './memory-store.ts';
import type { Script } from './script.ts';

/** The first decision that another policy set would make otherwise. */
export interface Turn {
  /** The record that holds the recorded decision. */
  readonly seq: number;
  /** As Cedar names it: `transaction:Propose`, `iam:X`, `verify:iam:X`, `compensate:iam:X`. */
  readonly action: string;
  /** Absent for the decision on the proposal. */
  readonly stepIndex?: number;
  readonly recorded: Answer['answer'];
  readonly answer: Answer;
}

/** Ports that follow the records until a decision would be another one. */
export interface CounterfactualPorts {
  readonly ports: Ports;
  readonly turn: () => Turn | undefined;
}

/** Puts another decision point over the ports of a replay; after its first other answer nothing
 * more is read from the records. */
export function counterfactualPorts(
  replayed: Ports,
  other: DecisionPoint,
  { script, store }: { readonly script: Script; readonly store: MemoryStore },
): CounterfactualPorts {
  let turn: Turn | undefined;
  let now = 0;
  let ids = 0;
  const modes = new Map<string, KillMode>();
  const decisions = otherDecisions(replayed.decisionPoint, other, {
    ...{ script, store },
    hasTurned: () => turn !== undefined,
    onTurn: (found) => {
      turn = found;
    },
  });
  const ports: Ports = {
    store: replayed.store,
    signer: replayed.signer,
    crypto: replayed.crypto,
    actions: replayed.actions,
    vault: replayed.vault,
    get timing() {
      return replayed.timing;
    },
    clock: {
      now() {
        if (turn === undefined) now = replayed.clock.now();
        return now;
      },
      async sleep(ms) {
        now += ms;
      },
    },
    ids: {
      next(prefix) {
        if (turn === undefined) return replayed.ids.next(prefix);
        ids += 1;
        return `${prefix}-unseen-${ids}`;
      },
    },
    killSwitch: {
      ...replayed.killSwitch,
      async effective(scopes) {
        const key = digestOf(scopes);
        if (turn !== undefined) return modes.get(key) ?? 'running';
        const mode = await replayed.killSwitch.effective(scopes);
        modes.set(key, mode);
        return mode;
      },
    },
    decisionPoint: decisions,
  };
  return { ports, turn: () => turn };
}

interface Turning {
  readonly script: Script;
  readonly store: MemoryStore;
  readonly hasTurned: () => boolean;
  readonly onTurn: (turn: Turn) => void;
}

function otherDecisions(
  recorded: DecisionPoint,
  other: DecisionPoint,
  { script, store, hasTurned, onTurn }: Turning,
): DecisionPoint {
  // Preflight decides the steps in their order.
  let asked = { position: -1, count: 0 };
  let digest = '';
  const inForce = (): DecisionPoint => (hasTurned() ? other : recorded);
  return {
    // INVARIANT: to the transaction it is one policy set all along: approvals are bound to it.
    get policySetDigest() {
      if (!hasTurned()) digest = recorded.policySetDigest;
      return digest;
    },
    get policySet() {
      return inForce().policySet;
    },
    get protection() {
      return inForce().protection;
    },
    get blastRadius() {
      return inForce().blastRadius;
    },
    stats: () => other.stats(),
    async decide(request) {
      if (hasTurned()) return { ...(await other.decide(request)), policySetDigest: digest };
      const seq = script.position();
      asked =
        asked.position === seq ? { ...asked, count: asked.count + 1 } : { position: seq, count: 0 };
      const was = await recorded.decide(request);
      digest = was.policySetDigest;
      const stepIndex = stepOf(request, store, asked.count);
      const answer = await other.decide(underOther(request, other, { store, stepIndex }));
      if (isSameAnswer(was, answer)) return was;
      const { action } = request;
      const place = stepIndex === undefined ? {} : { stepIndex };
      onTurn({ seq, action, ...place, recorded: was.answer, answer });
      return { ...answer, policySetDigest: digest };
    },
  };
}

/** Which step a request is about, or undefined when it is about none. */
function stepOf(
  { action }: DecisionRequest,
  store: MemoryStore,
  count: number,
): number | undefined {
  if (action.startsWith('transaction:')) return undefined;
  const { cursor } = store.row();
  return cursor.phase === 'preflight' ? count : cursor.stepIndex;
}

/** The request as it would be with the data of the other policy set. */
function underOther(
  request: DecisionRequest,
  { protection, blastRadius }: DecisionPoint,
  { store, stepIndex }: { readonly store: MemoryStore; readonly stepIndex: number | undefined },
): DecisionRequest {
  const { context } = request;
  const radius = 'blastRadius' in context ? { blastRadius: { ...blastRadius } } : {};
  if (!('protectedAffected' in context) || stepIndex === undefined)
    return { ...request, context: { ...context, ...radius } };
  const target = store.row().targets?.[stepIndex];
  if (target === undefined) throw new UndeterminedError('a step was decided before it was located');
  const affected = protectedAffected(target.affected, protection);
  return { ...request, context: { ...context, ...radius, protectedAffected: affected } };
}

function isSameAnswer(one: Answer, other: Answer): boolean {
  return one.answer === other.answer && one.approvalsNeeded === other.approvalsNeeded;
}
