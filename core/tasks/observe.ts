import { ConflictError, InterlockError, StaleStateError } from '../errors.ts';
import type { Observation } from '../evidence/record.ts';
import { digestOf } from '../hash.ts';
import type { Json } from '../json.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { Answer, DecisionPoint } from '../ports/decision-point.ts';
import type { Vault } from '../ports/vault.ts';
import { isSameJson } from '../same-json.ts';
import type { Ports, Timing } from './ports.ts';

/** Ports whose answers are kept, so that the records of a task carry all that it saw. */
export interface ObservedPorts extends Observing {
  readonly ports: Ports;
}

/** What was seen and not recorded yet, in the order in which it was asked for. */
export interface Observing {
  /** What was observed since the last call. */
  take(): readonly Observation[];
  /** Puts back in front what was taken for a record that was not written. */
  giveBack(observations: readonly Observation[]): void;
  /** Keeps what a task was told otherwise than by a port's answer. */
  see(port: string, answer: Json): void;
  /** All that was taken is recorded; what is asked for once a record is asked for anew. */
  recorded(): void;
}

/** The digest of a question without a parameter. */
export const NOTHING = digestOf({});

/** Keeps what clock, ids, timing, kill switch, decision point and target answer. */
export function observe(ports: Ports): ObservedPorts {
  const notes = openNotes();
  const { see, seeOnce } = notes;
  const { store, signer, crypto, actions } = ports;
  const observed: Ports = {
    ...{ store, signer, crypto, actions },
    get timing() {
      seeOnce('timing', timingJson(ports.timing));
      return ports.timing;
    },
    clock: {
      sleep: (ms) => ports.clock.sleep(ms),
      now() {
        const now = ports.clock.now();
        see('clock.now', NOTHING, now);
        return now;
      },
    },
    ids: {
      next(prefix) {
        const id = ports.ids.next(prefix);
        see('ids.next', digestOf({ prefix }), id);
        return id;
      },
    },
    killSwitch: {
      ...ports.killSwitch,
      async effective(scopes) {
        // Asked about several scopes at once, and kept in the order in which it was asked.
        const keep = notes.reserve('kill-switch.effective', digestOf(scopes));
        const mode = await ports.killSwitch.effective(scopes);
        keep(mode);
        return mode;
      },
    },
    decisionPoint: observeDecisions(ports, notes),
    vault: observeVault(ports, notes),
  };
  const { take, giveBack, recorded } = notes;
  const seeInput = (port: string, answer: Json): void => see(port, NOTHING, answer);
  return { ports: observed, take, giveBack, recorded, see: seeInput };
}

/** An answer without whether it came from a cache: that is no part of the decision. */
export function answerJson(answer: Answer): Json {
  const { reused: _, ...rest } = answer;
  return JSON.parse(JSON.stringify(rest)) as Json;
}

/** An error of a port as an observation keeps it. */
export function errorJson(error: unknown): { readonly error: Json } {
  const { name } = error as Error;
  if (!(error instanceof InterlockError)) return { error: { name, code: 'unknown' } };
  const { code } = error;
  // Evidence takes no half of a character, and a target may say anything.
  const message = error.message.slice(0, ERROR_CHARACTERS_MAX).toWellFormed();
  const conflict =
    error instanceof ConflictError ? { resource: error.resource, holder: error.holder } : {};
  return { error: { name, code, message, ...conflict } };
}

/** Characters of an error's message that an observation keeps; a reason keeps fewer. */
const ERROR_CHARACTERS_MAX = 1000;

type See = (port: string, requestDigest: string, answer: Json) => void;

/** The observations of one task as they come. */
interface Notes extends Pick<Observing, 'take' | 'giveBack' | 'recorded'> {
  readonly see: See;
  /** Keeps the first answer until the next record. */
  seeOnce(port: string, answer: Json): void;
  /** Keeps a place for an answer that is to come. */
  reserve(port: string, requestDigest: string): (answer: Json) => void;
  /** Keeps only what another answer says: a settled read asks the same many times. */
  readonly seeRead: See;
}

function openNotes(): Notes {
  let seen: { port: string; requestDigest: string; answer: Json | undefined }[] = [];
  let once = new Set<string>();
  let reads = new Map<string, Json>();
  const see: See = (port, requestDigest, answer) => {
    seen.push({ port, requestDigest, answer });
  };
  return {
    see,
    seeOnce(port, answer) {
      if (once.has(port)) return;
      once.add(port);
      see(port, NOTHING, answer);
    },
    reserve(port, requestDigest) {
      const place = { port, requestDigest, answer: undefined as Json | undefined };
      seen.push(place);
      return (answer) => {
        place.answer = answer;
      };
    },
    seeRead(port, requestDigest, answer) {
      const before = reads.get(requestDigest);
      if (before !== undefined && isSameJson(before, answer)) return;
      reads.set(requestDigest, answer);
      see(port, requestDigest, answer);
    },
    take() {
      const taken = seen.filter((one): one is Observation => one.answer !== undefined);
      seen = [];
      reads = new Map();
      // INVARIANT: where reads are told anew, timing stands before them and parts them from others.
      once.delete('timing');
      return taken;
    },
    giveBack(observations) {
      seen = [...observations, ...seen];
    },
    recorded() {
      once = new Set();
    },
  };
}

/** What of the configuration decides what tasks do; how long a lease is does not. */
function timingJson({ effectMs, settleMs, skewMs, approvalMs }: Timing): Json {
  return { effectMs, settleMs, skewMs, ...(approvalMs === undefined ? {} : { approvalMs }) };
}

function observeDecisions({ decisionPoint }: Ports, { see, seeOnce }: Notes): DecisionPoint {
  const current = (): DecisionPoint => {
    seeOnce('decision-point.policy-set', decisionPoint.policySetDigest);
    return decisionPoint;
  };
  return {
    get policySetDigest() {
      return current().policySetDigest;
    },
    get policySet() {
      return current().policySet;
    },
    get protection() {
      return current().protection;
    },
    get blastRadius() {
      return current().blastRadius;
    },
    stats: () => decisionPoint.stats(),
    async decide(request) {
      const answer = await decisionPoint.decide(request);
      see('decision-point.decide', answer.requestDigest, answerJson(answer));
      return answer;
    },
  };
}

function observeVault({ vault }: Ports, { see, seeRead }: Notes): Vault {
  // A session that is refused is an answer, too; one that is opened shows in what it is asked.
  const seeRefusal = async <Session>(port: string, opening: Promise<Session>): Promise<Session> => {
    try {
      return await opening;
    } catch (error) {
      if (error instanceof InterlockError && !(error instanceof StaleStateError))
        see(port, NOTHING, errorJson(error));
      throw error;
    }
  };
  return {
    locate: async (request) =>
      observeCloud(await seeRefusal('vault.locate', vault.locate(request)), seeRead),
    read: async (request) =>
      observeCloud(await seeRefusal('vault.read', vault.read(request)), seeRead),
    async effect(request) {
      const session = await seeRefusal('vault.effect', vault.effect(request));
      return { ...session, cloud: observeCloud(session.cloud, see) };
    },
  };
}

function observeCloud(cloud: Cloud, see: See): Cloud {
  return {
    async call(request) {
      const digest = digestOf(request);
      try {
        const answer = await cloud.call(request);
        see('cloud.call', digest, answer);
        return answer;
      } catch (error) {
        see('cloud.call', digest, errorJson(error));
        throw error;
      }
    },
  };
}
