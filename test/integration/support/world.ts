import { openAccount, type SimulatedAccount } from '../../../adapters/embedded/account/account.ts';
import { memoryCheckpoints } from '../../../adapters/embedded/checkpoints.ts';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  openControlPlane,
} from '../../../adapters/embedded/control-plane.ts';
import { runTransaction } from '../../../adapters/embedded/runner.ts';
import { loadTransactionMachine } from '../../../adapters/embedded/state-machine.ts';
import { bundleOf } from '../../../api/view/bundle-of.ts';
import type { StepDraft } from '../../../core/action.ts';
import {
  type EvidenceRecord,
  type EvidenceVerdict,
  parseRecord,
  verifyBundle,
} from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Plan } from '../../../core/plan.ts';
import type { CloudRequest } from '../../../core/ports/cloud.ts';
import type { DecisionPoint } from '../../../core/ports/decision-point.ts';
import type { Signer } from '../../../core/ports/signer.ts';
import type { Task } from '../../../core/tasks/context.ts';
import { TASKS } from '../../../core/tasks/index.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { propose } from '../../../core/tasks/propose.ts';
import { streamOf, type Transaction } from '../../../core/transaction.ts';
import { memorySigner } from './memory-signer.ts';
import { type CallHooks, type OnCall, observedSessions } from './observed-session.ts';
import { unbindingPolicies } from './policies.ts';
import { replayed } from './replaying.ts';
import { ACCOUNT_ID, smallAccount } from './small-account.ts';
import { openTestClock, type TestClock } from './test-clock.ts';

export const AGENT = 'iam-auditor';
export const OPERATOR = 'ops';
export const START_MS = Date.UTC(2026, 0, 1);
const DEADLINE_MS = 24 * 60 * 60 * 1000;

/** What a test world is made of; everything has a default. */
export interface TestWorldOptions
  extends Partial<
    Pick<ControlPlaneOptions, 'timing' | 'keepsHistory' | 'wrap' | 'actions' | 'storePath' | 'log'>
  > {
  readonly accountPath?: string;
  /** GAAD; the small account by default. `false` leaves the account as its file has it. */
  readonly account?: JsonObject | false;
  readonly signer?: Signer;
  readonly clock?: TestClock;
  /** The shipped policies with one exemption by default, see `unbindingPolicies`. */
  readonly decisionPoint?: DecisionPoint;
  readonly onCall?: OnCall;
  /** False where a test takes a guard away or forges what is stored: no replay believes that. */
  readonly isReplayed?: boolean;
}

/** A control plane with its account, on virtual time. */
export interface TestWorld {
  readonly controlPlane: ControlPlane;
  readonly ports: Ports;
  readonly account: SimulatedAccount;
  readonly clock: TestClock;
  readonly hooks: CallHooks;
  propose(steps: readonly StepDraft[], key?: string): Promise<Transaction>;
  /** Runs to the end of one execution and returns the row; `tasks` may stand around the real ones. */
  run(transaction: Transaction, tasks?: Readonly<Record<string, Task>>): Promise<Transaction>;
  /** Runs on other ports than the world's own. */
  runWith(ports: Ports): (transaction: Transaction) => Promise<Transaction>;
  proposeAndRun(steps: readonly StepDraft[]): Promise<Transaction>;
  load(id: string): Promise<Transaction>;
  records(id: string): Promise<readonly EvidenceRecord[]>;
  /** Brings all that is sealed into the log. */
  sequence(): Promise<number>;
  verifyEvidence(id: string): Promise<EvidenceVerdict>;
  /** What a third party does to the account. */
  outside(...requests: readonly CloudRequest[]): Promise<void>;
  close(): void;
}

/** Opens a world, in memory unless paths are given. */
export function openTestWorld(options: TestWorldOptions = {}): TestWorld {
  const clock = options.clock ?? openTestClock(START_MS);
  const signer = options.signer ?? memorySigner();
  const hooks: CallHooks = {
    onCall: options.onCall ?? ((_request, _session, call) => call()),
    lagMs: undefined,
  };
  const controlPlane = openControlPlane({
    storePath: options.storePath ?? ':memory:',
    accountPath: options.accountPath ?? ':memory:',
    signer,
    decisionPoint: options.decisionPoint ?? unbindingPolicies(),
    operator: OPERATOR,
    clock,
    keepsHistory: options.keepsHistory ?? false,
    openSession: observedSessions(hooks),
    log: options.log ?? { signer: memorySigner(), checkpoints: memoryCheckpoints() },
    ...(options.timing === undefined ? {} : { timing: options.timing }),
    ...(options.wrap === undefined ? {} : { wrap: options.wrap }),
    ...(options.actions === undefined ? {} : { actions: options.actions }),
  });
  const { ports, account } = controlPlane;
  if (options.account !== false) account.load(options.account ?? smallAccount());
  const isReplayed = options.isReplayed ?? true;
  return { ...driverOf(controlPlane, isReplayed), controlPlane, ports, account, clock, hooks };
}

function driverOf(
  controlPlane: ControlPlane,
  isReplayed: boolean,
): Omit<TestWorld, 'controlPlane' | 'ports' | 'account' | 'clock' | 'hooks'> {
  const { ports, account } = controlPlane;
  const load = async (id: string): Promise<Transaction> => {
    const transaction = await ports.store.load(id);
    if (transaction === undefined) throw new Error(`there is no transaction ${id}`);
    return transaction;
  };
  let keys = 0;
  const world = {
    load,
    async propose(steps: readonly StepDraft[], key?: string) {
      keys += 1;
      const idempotencyKey = key ?? `key-${keys}`;
      const proposal = { plan: planOf(steps), idempotencyKey, actor: `agent:${AGENT}` };
      return (await propose(ports, proposal)).transaction;
    },
    async run(transaction: Transaction, tasks: Readonly<Record<string, Task>> = TASKS) {
      const machine = loadTransactionMachine();
      await runTransaction({ machine, tasks, ports, owner: 'test:1:world' }, transaction);
      if (isReplayed) await requireReplay(ports, transaction.id);
      return load(transaction.id);
    },
    runWith: (other: Ports) => async (transaction: Transaction) => {
      const parts = { machine: loadTransactionMachine(), tasks: TASKS, owner: 'test:1:world' };
      await runTransaction({ ...parts, ports: other }, transaction);
      return load(transaction.id);
    },
    async records(id: string) {
      return (await ports.store.records(streamOf(id))).map(parseRecord);
    },
    async verifyEvidence(id: string) {
      const { log } = controlPlane;
      await log?.sequence('wait');
      const bundle = await bundleOf({ ...ports, log }, streamOf(id));
      return verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [log?.keyId ?? ''] });
    },
    async sequence() {
      if (controlPlane.log === undefined) throw new Error('the world has no log');
      return controlPlane.log.sequence('wait');
    },
    async outside(...requests: readonly CloudRequest[]) {
      for (const request of requests) await account.admin().call(request);
    },
    close: () => controlPlane.close(),
  };
  return {
    ...world,
    proposeAndRun: async (steps) => world.run(await world.propose(steps)),
  };
}

/** INVARIANT of every run in every test: its records suffice to run it again. */
async function requireReplay(ports: Ports, id: string): Promise<void> {
  const { ok, divergence } = await replayed(ports, id);
  if (!ok) throw new Error(`the replay of ${id} diverges: ${JSON.stringify(divergence)}`);
}

/** A plan of the auditor on the small account. */
export function planOf(steps: readonly StepDraft[]): Plan {
  return {
    agent: AGENT,
    target: { partition: 'aws', accountId: ACCOUNT_ID },
    purpose: 'a test',
    steps: steps.map((step, index) => ({ id: `step-${index + 1}`, ...step })),
    deadlineMs: DEADLINE_MS,
  };
}

/** The account's digest after each prefix of the steps, made by its admin; the first is `before`. */
export async function digestsAlong(
  steps: readonly StepDraft[],
  gaad: JsonObject = smallAccount(),
): Promise<readonly string[]> {
  const account = openAccount(':memory:', { now: () => START_MS });
  try {
    account.load(gaad);
    const digests = [account.digest()];
    for (const { action, input } of steps) {
      await account.admin().call({ operation: action, input });
      digests.push(account.digest());
    }
    return digests;
  } finally {
    account.close();
  }
}
