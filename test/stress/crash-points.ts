import type { Cloud } from '../../core/ports/cloud.ts';
import type { Vault } from '../../core/ports/vault.ts';
import type { Ports } from '../../core/tasks/ports.ts';

/** Called right before and right after each call; may never return. */
export type Point = (label: string) => void;

const PORTS = [
  'store',
  'clock',
  'ids',
  'killSwitch',
  'signer',
  'decisionPoint',
  'crypto',
  'actions',
] as const satisfies readonly (keyof Ports)[];

/** Counts points and kills this process, the hard way, at one of them; 0 kills at none. */
export function pointsUntil(killAt: number) {
  const labels: string[] = [];
  const point: Point = (label) => {
    labels.push(label);
    if (labels.length === killAt) process.kill(process.pid, 'SIGKILL');
  };
  return { point, labels };
}

/** Ports with a point before and after each call of each method, sessions of the vault included. */
export function markPorts(ports: Ports, point: Point): Ports {
  const marked = Object.fromEntries(
    PORTS.map((name) => [name, markMethods(ports[name], name, point)]),
  );
  return { ...ports, ...marked, vault: markVault(ports.vault, point) };
}

/** A cloud with a point before and after each call. */
export function markCloud(cloud: Cloud, point: Point): Cloud {
  return markMethods(cloud, 'cloud', point);
}

function markVault(vault: Vault, point: Point): Vault {
  const marked = markMethods(vault, 'vault', point);
  return {
    locate: async (request) => markCloud(await marked.locate(request), point),
    read: async (request) => markCloud(await marked.read(request), point),
    async effect(request) {
      const session = await marked.effect(request);
      return { ...session, cloud: markCloud(session.cloud, point) };
    },
  };
}

function markMethods<Port extends object>(port: Port, name: string, point: Point): Port {
  return new Proxy(port, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]): unknown => {
        const label = `${name}.${String(key)}${subjectOf(args[0])}`;
        const passed = () => point(`after ${label}`);
        point(`before ${label}`);
        return whenDone(() => Reflect.apply(value, target, args), passed);
      };
    },
  });
}

/** What a call is about, where that tells points apart: an operation, or what a change writes. */
function subjectOf(argument: unknown): string {
  if (typeof argument !== 'object' || argument === null) return '';
  const { operation, update, writes } = argument as {
    operation?: string;
    update?: { status?: string };
    writes?: readonly { write: string; claim?: { kind: string } }[];
  };
  if (operation !== undefined) return ` ${operation}`;
  if (writes === undefined) return '';
  const parts = writes.map(({ write, claim }) => (claim ? `${write}:${claim.kind}` : write));
  return ` ${[update?.status, ...parts].filter((part) => part !== undefined).join(' ')}`.trimEnd();
}

/** Runs a call and says when it is done: a promise when it has settled, anything else at once. */
function whenDone(call: () => unknown, passed: () => void): unknown {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    passed();
    throw error;
  }
  if (!(result instanceof Promise)) {
    passed();
    return result;
  }
  return result.finally(passed);
}
