import type { Hono } from 'hono';
import { registry } from '../../../actions/registry.ts';
import { loadDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { createApi } from '../../../api/app.ts';
import type { ApiOptions } from '../../../api/context.ts';
import { Problem } from '../../../api/shapes.ts';
import type { DecisionPoint } from '../../../core/ports/decision-point.ts';
import type { Caller } from '../../../core/tasks/operate.ts';
import type { Transaction } from '../../../core/transaction.ts';
import { caseNamed } from '../../integration/support/action-cases.ts';
import { openTestWorld, planOf, type TestWorld } from '../../integration/support/world.ts';

/** The callers of the tests, by their token. */
const CALLERS: Readonly<Record<string, Caller>> = {
  auditor: { type: 'Agent', id: 'iam-auditor' },
  stranger: { type: 'Agent', id: 'stranger' },
  ops: { type: 'Operator', id: 'ops' },
};
export type Token = 'auditor' | 'stranger' | 'ops';

/** An API over a control plane in memory; a transaction runs when it is started. */
export interface ApiWorld {
  readonly world: TestWorld;
  readonly started: string[];
  readonly defects: unknown[];
  send(path: string, options?: Sending): Promise<Response>;
  /** Answers as a server would. */
  fetch(request: Request): Promise<Response>;
  /** Waits until everything that was started has ended. */
  settled(): Promise<void>;
  close(): void;
}

export interface Sending {
  readonly as?: Token;
  readonly method?: string;
  readonly json?: unknown;
  readonly text?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

let shipped: DecisionPoint | undefined;

/** Opens it; `options` take the place of the defaults. */
export function openApiWorld(options: Partial<ApiOptions> = {}): ApiWorld {
  shipped ??= loadDecisionPoint('policies');
  const world = openTestWorld({ decisionPoint: shipped });
  const started: string[] = [];
  const defects: unknown[] = [];
  const runs: Promise<unknown>[] = [];
  const api = createApi({
    ports: world.ports,
    ...(world.controlPlane.log === undefined ? {} : { log: world.controlPlane.log }),
    async start(transaction: Transaction) {
      started.push(transaction.id);
      runs.push(world.run(transaction).catch(() => undefined));
    },
    surface: 'both',
    callerOf: async ({ req }) =>
      CALLERS[(req.header('authorization') ?? '').replace('Bearer ', '')],
    actions: registry.all,
    policies: () => ({ policySetDigest: world.ports.decisionPoint.policySetDigest, policies: [] }),
    version: '1.2.3',
    onDefect: (error) => defects.push(error),
    ...options,
  }) as unknown as Hono;
  return {
    world,
    started,
    defects,
    async send(path, { as, method, json, text, headers } = {}) {
      const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
      return api.request(path, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        ...(body === undefined ? {} : { body: body as string, duplex: 'half' }),
        headers: {
          ...(as === undefined ? {} : { authorization: as }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
      });
    },
    fetch: async (request) => api.fetch(request),
    async settled() {
      await Promise.all(runs);
    },
    close: () => world.close(),
  };
}

/** The problem of an answer, held to its shape, its status and its media type. */
export async function problemIn(response: Response): Promise<Problem> {
  const problem = Problem.parse(await response.json());
  if (problem.status !== response.status) throw new Error('the status is not that of the problem');
  if (response.headers.get('content-type') !== 'application/problem+json')
    throw new Error('not a problem document');
  return problem;
}

/** A plan of that many allowed steps. */
export const PLAN = planOf([caseNamed('iam:DetachRolePolicy').step]);
/** A plan that the shipped policies deny at preflight. */
export const DENIED_PLAN = planOf([caseNamed('iam:DeleteRolePermissionsBoundary').step]);

let keys = 0;

/** What proposes a plan under a new key. */
export function proposing(plan: unknown = PLAN, key?: string): Sending {
  keys += 1;
  return { as: 'auditor', json: plan, headers: { 'idempotency-key': key ?? `key-${keys}` } };
}
