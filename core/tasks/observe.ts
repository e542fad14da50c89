import { InterlockError } from '../errors.ts';
import type { Observation } from '../evidence/record.ts';
import { digestOf } from '../hash.ts';
import type { Json } from '../json.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { Answer } from '../ports/decision-point.ts';
import type { Ports } from './ports.ts';

/** Ports whose answers are kept, so that the records of a task carry all that it saw. */
export interface ObservedPorts {
  readonly ports: Ports;
  /** What was observed since the last call. */
  take(): readonly Observation[];
}

const NOTHING = digestOf({});

/** Keeps what clock, ids, kill switch, decision point and target answer. */
export function observe(ports: Ports): ObservedPorts {
  let seen: Observation[] = [];
  const see: See = (port, requestDigest, answer) => {
    seen.push({ port, requestDigest, answer });
  };
  let last = new Map<string, string>();
  // A settled read asks the same many times: only what another answer says is kept.
  const seeRead: See = (port, requestDigest, answer) => {
    const text = JSON.stringify(answer);
    if (last.get(requestDigest) === text) return;
    last.set(requestDigest, text);
    see(port, requestDigest, answer);
  };
  const observed: Ports = {
    ...ports,
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
        const mode = await ports.killSwitch.effective(scopes);
        see('kill-switch.effective', digestOf(scopes), mode);
        return mode;
      },
    },
    decisionPoint: {
      ...ports.decisionPoint,
      async decide(request) {
        const answer = await ports.decisionPoint.decide(request);
        see('decision-point.decide', answer.requestDigest, answerJson(answer));
        return answer;
      },
    },
    vault: {
      locate: async (request) => observeCloud(await ports.vault.locate(request), seeRead),
      read: async (request) => observeCloud(await ports.vault.read(request), seeRead),
      async effect(request) {
        const session = await ports.vault.effect(request);
        return { ...session, cloud: observeCloud(session.cloud, see) };
      },
    },
  };
  return {
    ports: observed,
    take() {
      const taken = seen;
      seen = [];
      last = new Map();
      return taken;
    },
  };
}

/** An answer without whether it came from a cache: that is no part of the decision. */
export function answerJson(answer: Answer): Json {
  const { reused: _, ...rest } = answer;
  return JSON.parse(JSON.stringify(rest)) as Json;
}

type See = (port: string, requestDigest: string, answer: Json) => void;

function observeCloud(cloud: Cloud, see: See): Cloud {
  return {
    async call(request) {
      const digest = digestOf(request);
      try {
        const answer = await cloud.call(request);
        see('cloud.call', digest, answer);
        return answer;
      } catch (error) {
        const code = error instanceof InterlockError ? error.code : 'unknown';
        see('cloud.call', digest, { error: { name: (error as Error).name, code } });
        throw error;
      }
    },
  };
}
