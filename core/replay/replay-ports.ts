import { ReplayError } from '../errors.ts';
import { digestOf, sha256Hex } from '../hash.ts';
import type { Json } from '../json.ts';
import type { Actions } from '../ports/actions.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { Answer, DecisionPoint, DecisionRequest } from '../ports/decision-point.ts';
import type { KillMode } from '../ports/kill-switch.ts';
import type { Signer } from '../ports/signer.ts';
import type { Vault } from '../ports/vault.ts';
import { NOTHING } from '../tasks/observe.ts';
import type { Ports, Timing } from '../tasks/ports.ts';
import { type GrantingParts, grantSession } from '../vending.ts';
import type { MemoryStore } from './memory-store.ts';
import { recordedError } from './recorded-error.ts';
import type { Script } from './script.ts';

/** What a replay needs besides the records. */
export interface ReplayParts {
  readonly actions: Actions;
  readonly crypto: Crypto;
  readonly locateActions: GrantingParts['locateActions'];
  /** The decision point of a policy set. Throws `NotFoundError` for a set that is not at hand. */
  readonly decisionPoint: (policySetDigest: string) => DecisionPoint;
  /** Hears of each request that came out as it was recorded, with its answer. */
  readonly onDecision?: (request: DecisionRequest, answer: Answer) => void;
}

/** Ports that answer what the script says, and reach nobody. */
export function replayPorts(parts: ReplayParts, script: Script, store: MemoryStore): Ports {
  let timing: Timing | undefined;
  return {
    store,
    get timing() {
      const recorded = script.answerOf('timing') as Omit<Timing, 'leaseMs'> | undefined;
      // What settled together was recorded in its turn.
      if (recorded !== undefined) timing = { ...recorded, leaseMs: 0, settlingMax: 0 };
      return timing ?? (script.ask('timing', NOTHING) as never);
    },
    clock: {
      now: () => script.ask('clock.now', NOTHING) as number,
      sleep: async () => undefined,
    },
    ids: { next: (prefix) => script.ask('ids.next', digestOf({ prefix })) as string },
    killSwitch: {
      effective: async (scopes) =>
        script.ask('kill-switch.effective', digestOf(scopes)) as KillMode,
      settings: () => unreachable('kill-switch.settings'),
      set: () => unreachable('kill-switch.set'),
    },
    decisionPoint: replayDecisions(parts, script),
    vault: replayVault(parts, script, store),
    signer: NO_SIGNER,
    crypto: parts.crypto,
    actions: parts.actions,
  };
}

const NO_SIGNER: Signer = {
  keyId: '',
  publicKey: new Uint8Array(),
  sign: () => unreachable('signer.sign'),
};

function unreachable(port: string): never {
  throw new ReplayError(`\`${port}\` is never asked by a task`);
}

function replayDecisions(parts: ReplayParts, script: Script): DecisionPoint {
  let policySetDigest: string | undefined;
  const current = (): string => {
    const recorded = script.answerOf('decision-point.policy-set') as string | undefined;
    policySetDigest = recorded ?? policySetDigest;
    return policySetDigest ?? (script.ask('decision-point.policy-set', NOTHING) as string);
  };
  const data = (): DecisionPoint => parts.decisionPoint(current());
  return {
    get policySetDigest() {
      return current();
    },
    get policySet() {
      return data().policySet;
    },
    get protection() {
      return data().protection;
    },
    get blastRadius() {
      return data().blastRadius;
    },
    stats: () => ({ fresh: 0, reused: 0 }),
    async decide(request) {
      const answer = await data().decide(request);
      const recorded = script.ask('decision-point.decide', answer.requestDigest);
      requireSameAnswer(request, answer, recorded as unknown as Answer);
      parts.onDecision?.(request, answer);
      return answer;
    },
  };
}

/** What else of the answer differs shows in the record that holds it. */
function requireSameAnswer({ action }: DecisionRequest, anew: Answer, recorded: Answer): void {
  if (anew.answer === recorded.answer && anew.code === recorded.code) return;
  const { answer, code } = anew;
  throw new ReplayError(
    `\`${action}\` is decided \`${code ?? answer}\`, recorded is \`${recorded.code ?? recorded.answer}\``,
  );
}

/** Grants what the vault would have, and opens sessions in which the script answers. */
function replayVault(parts: ReplayParts, script: Script, store: MemoryStore): Vault {
  const granting = { store, actions: parts.actions, locateActions: parts.locateActions };
  // A settled read asks the same many times, of which one answer is recorded.
  const reads = scriptedCloud((digest) => script.askAgain('cloud.call', digest));
  const effects = scriptedCloud((digest) => script.ask('cloud.call', digest));
  const refuseAsRecorded = (port: string): void => {
    const error = recordedError(script.answerOf(port));
    if (error !== undefined) throw error;
  };
  return {
    async locate(request) {
      refuseAsRecorded('vault.locate');
      await grantSession(granting, { ...request, session: 'locate' });
      return reads;
    },
    async read(request) {
      refuseAsRecorded('vault.read');
      await grantSession(granting, { ...request, session: 'read' });
      return reads;
    },
    async effect(request) {
      refuseAsRecorded('vault.effect');
      const { sessionPolicy } = await grantSession(granting, { ...request, session: 'effect' });
      return { cloud: effects, policyDigest: sha256Hex(sessionPolicy) };
    },
  };
}

function scriptedCloud(ask: (requestDigest: string) => Json): Cloud {
  return {
    async call(request) {
      const answer = ask(digestOf(request));
      const error = recordedError(answer);
      if (error !== undefined) throw error;
      return answer;
    },
  };
}
