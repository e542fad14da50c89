import { registry } from '../../actions/registry.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import type { Actions } from '../../core/ports/actions.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Contents } from '../../core/ports/contents.ts';
import type { DecisionPoint } from '../../core/ports/decision-point.ts';
import type { Ids } from '../../core/ports/ids.ts';
import type { Signer } from '../../core/ports/signer.ts';
import { TASKS } from '../../core/tasks/index.ts';
import type { Ports, Timing } from '../../core/tasks/ports.ts';
import { reconcile } from '../../core/tasks/reconcile.ts';
import type { Transaction } from '../../core/transaction.ts';
import { keepingPolicies } from '../cedar/keep-policies.ts';
import { openAccount, type SimulatedAccount } from './account/account.ts';
import { openBarrier } from './barrier.ts';
import { hostClock } from './clock.ts';
import { embeddedContents } from './contents.ts';
import { initialiseKillSwitch } from './data-folder.ts';
import { timedIds } from './ids.ts';
import { embeddedKillSwitch } from './kill-switch.ts';
import { type EmbeddedLog, type LogOptions, openLog } from './log.ts';
import { isOwnerAlive, ownerOfProcess } from './owner.ts';
import { embeddedRetention, type Retention } from './retention.ts';
import { type Ending, type RunnerParts, runTransaction } from './runner.ts';
import { loadTransactionMachine } from './state-machine.ts';
import { embeddedStore } from './store.ts';
import { openStoreDatabase } from './store-schema.ts';
import { embeddedVault, type OpenSession } from './vault.ts';

/** The simulated account answers at once; nothing has to settle. */
export const EMBEDDED_TIMING: Timing = {
  settleMs: 0,
  effectMs: 5000,
  skewMs: 0,
  leaseMs: 30_000,
};

/** What a control plane is made of; everything but the first four has a default. */
export interface ControlPlaneOptions {
  /** A file, or `:memory:`. */
  readonly storePath: string;
  /** A file, or `:memory:`. */
  readonly accountPath: string;
  readonly signer: Signer;
  readonly decisionPoint: DecisionPoint;
  /** Who creates the store, for its first record. */
  readonly operator: string;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly timing?: Partial<Timing>;
  readonly actions?: Actions;
  readonly openSession?: (account: SimulatedAccount, clock: Clock) => OpenSession;
  /** Images of before for lagging reads. For tests. */
  readonly keepsHistory?: boolean;
  /** Absent: nothing is logged, and what is sealed waits for who opens it with a log. */
  readonly log?: LogOptions;
  /** Puts itself between the tasks and every port. For tests. */
  readonly wrap?: (ports: Ports) => Ports;
}

/** The control plane of one machine. */
export interface ControlPlane {
  readonly ports: Ports;
  readonly contents: Contents;
  readonly account: SimulatedAccount;
  readonly log: EmbeddedLog | undefined;
  readonly retention: Retention;
  /** How many barriers were waited for, the account's included and the log's not. */
  barriers(): number;
  /** Runs one transaction to its end, or until the signal aborts. */
  run(transaction: Transaction, signal?: AbortSignal): Promise<Ending>;
  /** The transactions that nobody runs and that are not done. */
  lost(): Promise<readonly Transaction[]>;
  close(): void;
}

/** Opens the control plane on its store and account. */
export function openControlPlane(options: ControlPlaneOptions): ControlPlane {
  const clock = options.clock ?? hostClock;
  const actions = options.actions ?? registry;
  const database = openStoreDatabase(options.storePath);
  const barrier = openBarrier(options.storePath);
  initialiseKillSwitch(database, { by: options.operator, at: clock.now() });
  const account = openAccount(options.accountPath, {
    now: () => clock.now(),
    keepsHistory: options.keepsHistory ?? false,
  });
  const store = embeddedStore(database, barrier);
  const contents = embeddedContents(database);
  const openSession = (options.openSession ?? sessionsOf)(account, clock);
  const ports: Ports = {
    store,
    clock,
    ids: options.ids ?? timedIds(() => clock.now()),
    vault: embeddedVault({ store, actions, openSession }),
    killSwitch: embeddedKillSwitch(database, barrier),
    signer: options.signer,
    decisionPoint: keepingPolicies(options.decisionPoint, contents),
    crypto: nodeCrypto,
    actions,
    timing: { ...EMBEDDED_TIMING, ...options.timing },
  };
  const wrapped = options.wrap === undefined ? ports : options.wrap(ports);
  const runner: Omit<RunnerParts, 'signal'> = {
    machine: loadTransactionMachine(),
    tasks: TASKS,
    ports: wrapped,
    owner: ownerOfProcess(),
  };
  const logBarrier = openBarrier(options.storePath);
  return {
    ports: wrapped,
    contents,
    account,
    log:
      options.log === undefined
        ? undefined
        : openLog(database, logBarrier, { ports: wrapped, log: options.log }),
    retention: embeddedRetention(database, barrier),
    barriers: () => barrier.count() + account.barrier.count(),
    run: (transaction, signal) =>
      runTransaction(signal === undefined ? runner : { ...runner, signal }, transaction),
    lost: () => reconcile(wrapped, (one) => isRunBy(one, clock.now())),
    close() {
      account.close();
      logBarrier.close();
      barrier.close();
      database.close();
    },
  };
}

function isRunBy({ owner, leaseUntil = 0 }: Transaction, now: number): boolean {
  return owner !== undefined && isOwnerAlive(owner) && leaseUntil >= now;
}

function sessionsOf(account: SimulatedAccount, clock: Clock): OpenSession {
  return (session) => account.session({ ...session, now: () => clock.now() });
}
