import { readFileSync } from 'node:fs';
import type { Hono } from 'hono';
import { registry } from '../../../actions/registry.ts';
import { loadDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { apply } from '../../../agents/iam-auditor/audit/apply.ts';
import type { Progress } from '../../../agents/iam-auditor/audit/documents.ts';
import { enumerate } from '../../../agents/iam-auditor/audit/enumerate.ts';
import type { AuditPorts, AuditStep } from '../../../agents/iam-auditor/audit/ports.ts';
import { propose } from '../../../agents/iam-auditor/audit/propose.ts';
import { rollback } from '../../../agents/iam-auditor/audit/rollback.ts';
import { AGENT_OF, type AuditMode, AuditState } from '../../../agents/iam-auditor/audit/state.ts';
import { validate } from '../../../agents/iam-auditor/audit/validate.ts';
import type { AuditReport } from '../../../agents/iam-auditor/report.ts';
import { createApi } from '../../../api/app.ts';
import { createClient } from '../../../api/client.ts';
import { parseMachine } from '../../../core/asl/machine.ts';
import { type Event, next, type Position, start } from '../../../core/asl/next.ts';
import { InterlockError } from '../../../core/errors.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { DecisionPoint } from '../../../core/ports/decision-point.ts';
import type { Caller } from '../../../core/tasks/operate.ts';
import type { Transaction } from '../../../core/transaction.ts';
import { parseEvent } from '../../../lambdas/handler.ts';
import { ACME, readAccount } from './accounts.ts';
import { openTestWorld, type TestWorld, type TestWorldOptions } from './world.ts';

const FILE = 'statemachines/iam-auditor.asl.json';
export const AUDITED_ACCOUNT = '123456789012';
/** Principals of the sample account with one plan each, more than run at once. */
const PRINCIPALS = [
  'erin.analyst',
  'dave.contractor',
  'old-migration',
  'temporary-debug',
  'ci-deploy',
];
export const PLANS = PRINCIPALS.length;
/** Tasks and waits of one audit, at most: more is a circle. */
const POSITIONS_MAX = 300;

export type AuditSteps = Readonly<Record<string, AuditStep>>;
export const STEPS: AuditSteps = {
  Enumerate: enumerate,
  Validate: validate,
  Propose: propose,
  Apply: apply,
  Rollback: rollback,
};

/** How an audit ended. */
export interface AuditEnd {
  readonly ending: string;
  readonly auditId: string;
  /** Its tasks and waits, in order; a task that was run again stands there again. */
  readonly visited: readonly string[];
  /** Name and code of what its tasks threw. */
  readonly thrown: readonly string[];
}

/** An account, its control plane behind the API, and the auditor that calls it. */
export interface AuditWorld {
  readonly world: TestWorld;
  readonly documents: Map<string, JsonObject>;
  /** Holds what is started until it is released. */
  holdRunner(): void;
  releaseRunner(): void;
  /** Stands between the auditor's client and the API. */
  onRequest: (request: Request, answer: () => Promise<Response>) => Promise<Response>;
  /** Before each task and wait of an audit. */
  onPosition: (state: string) => Promise<void>;
  /** Runs one audit as the state machine says; `steps` may stand around the real ones. */
  audit(mode: AuditMode, steps?: AuditSteps): Promise<AuditEnd>;
  report(auditId: string): AuditReport;
  progress(auditId: string): Progress;
  transactions(): Promise<readonly Transaction[]>;
  /** Waits until everything that was started has ended. */
  settled(): Promise<void>;
  close(): void;
}

let shipped: DecisionPoint | undefined;

export function openAuditWorld(options: Pick<TestWorldOptions, 'signer'> = {}): AuditWorld {
  shipped ??= loadDecisionPoint('policies');
  const world = openTestWorld({ decisionPoint: shipped, account: auditedAccount(), ...options });
  const documents = new Map<string, JsonObject>();
  const runner = runnerOf(world);
  const api = apiOf(world, runner.start);
  const opened: AuditWorld = {
    world,
    documents,
    ...runner,
    onRequest: (_, answer) => answer(),
    onPosition: async () => undefined,
    audit: (mode, steps = STEPS) => {
      const ports = portsOf(opened, (request) => Promise.resolve(api.fetch(request)), mode);
      return auditWith(opened, { ports, steps, mode });
    },
    report: (auditId) => documents.get(`${auditId}/report`) as unknown as AuditReport,
    progress: (auditId) => documents.get(`${auditId}/progress`) as unknown as Progress,
    transactions: async () => (await world.ports.store.list({ limit: 200 })).transactions,
    close: () => world.close(),
  };
  return opened;
}

function auditedAccount(): JsonObject {
  const account = readAccount(ACME);
  const isWanted = (one: unknown) => {
    const { UserName, RoleName } = one as { UserName?: string; RoleName?: string };
    return PRINCIPALS.includes(UserName ?? RoleName ?? '');
  };
  return {
    ...account,
    UserDetailList: account.UserDetailList.filter(isWanted),
    RoleDetailList: account.RoleDetailList.filter(isWanted),
  } as unknown as JsonObject;
}

/** Runs one after the other: virtual time that one sleeps away is no time another was slow. */
function runnerOf(world: TestWorld) {
  let line: Promise<unknown> = Promise.resolve();
  let held: Transaction[] | undefined;
  const run = (transaction: Transaction) => {
    // A transaction that was taken over, or ends badly, is looked at in the store.
    line = line.then(() => world.run(transaction)).catch(() => undefined);
  };
  return {
    start: async (transaction: Transaction) => {
      const isStarted = transaction.epoch > 0 || held?.some(({ id }) => id === transaction.id);
      if (isStarted === true) return;
      if (held === undefined) run(transaction);
      else held.push(transaction);
    },
    holdRunner() {
      held ??= [];
    },
    releaseRunner() {
      const released = held ?? [];
      held = undefined;
      for (const one of released) run(one);
    },
    settled: async () => {
      await line;
    },
  };
}

function apiOf(world: TestWorld, start: (transaction: Transaction) => Promise<void>): Hono {
  return createApi({
    ports: world.ports,
    start,
    surface: 'agent',
    callerOf: async ({ req }): Promise<Caller> => ({
      type: 'Agent',
      id: (req.header('authorization') ?? '').replace('Bearer ', ''),
    }),
    actions: registry.all,
    policies: () => ({ policySetDigest: world.ports.decisionPoint.policySetDigest, policies: [] }),
    version: '1.2.3',
    onDefect: (error) => {
      throw error;
    },
  }) as unknown as Hono;
}

function portsOf(
  opened: AuditWorld,
  answer: (request: Request) => Promise<Response>,
  mode: AuditMode,
): AuditPorts {
  const { world, documents } = opened;
  return {
    documents: {
      async save(auditId, name, document) {
        documents.set(`${auditId}/${name}`, JSON.parse(JSON.stringify(document)));
      },
      load: async (auditId, name) => documents.get(`${auditId}/${name}`),
    },
    ids: world.ports.ids,
    clock: world.clock,
    readAccount: async () => world.account.toGaad(),
    api: createClient({
      endpoint: 'http://control-plane.test',
      token: AGENT_OF[mode],
      fetch: (request) => opened.onRequest(request, () => answer(request)),
      sleep: (ms) => pass(opened, ms),
    }),
  };
}

interface Auditing {
  readonly ports: AuditPorts;
  readonly steps: AuditSteps;
  readonly mode: AuditMode;
}

async function auditWith(opened: AuditWorld, auditing: Auditing): Promise<AuditEnd> {
  const machine = parseMachine(JSON.parse(readFileSync(FILE, 'utf8')));
  const visited: string[] = [];
  const thrown: string[] = [];
  const input = { accountId: AUDITED_ACCOUNT, mode: auditing.mode, index: 0, next: 'enumerate' };
  let position = start(machine, { auditId: '', ...input });
  let auditId = '';
  for (let count = 0; count < POSITIONS_MAX; count += 1) {
    if (position.kind === 'succeeded' || position.kind === 'failed')
      return { ending: position.state, auditId, visited, thrown };
    auditId = String(position.input['auditId']);
    visited.push(position.state);
    await opened.onPosition(position.state);
    const event = await perform(opened, auditing, position);
    if (event.kind === 'threw') thrown.push(`${event.error} ${event.cause}`);
    position = next(machine, position, event);
  }
  throw new Error(`an audit turns in a circle: ${visited.slice(-6)}`);
}

/** Lets time pass; what was started has by then run as far as it goes. */
async function pass(opened: AuditWorld, ms: number): Promise<void> {
  await opened.settled();
  await opened.world.clock.sleep(Math.ceil(ms));
}

/** One task as its Lambda does it, or one wait. */
async function perform(
  opened: AuditWorld,
  { ports, steps }: Auditing,
  position: Position,
): Promise<Event> {
  if (position.kind === 'wait') {
    await pass(opened, position.seconds * 1000);
    return { kind: 'waited' };
  }
  if (position.kind !== 'task') throw new Error('an audit that has ended has no task');
  if (position.delayMs > 0) await pass(opened, position.delayMs);
  const { error: _, ...state } = parseEvent(AuditState, position.input);
  try {
    const step = steps[position.resource];
    if (step === undefined) throw new Error(`there is no step ${position.resource}`);
    const output = await step(ports, state);
    return { kind: 'returned', output: JSON.parse(JSON.stringify(output)) };
  } catch (error) {
    const { name } = error as Error;
    const cause = error instanceof InterlockError ? error.code : (error as Error).message;
    return { kind: 'threw', error: name, cause };
  }
}
