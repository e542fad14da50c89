import { memoryCheckpoints } from '../../../adapters/embedded/checkpoints.ts';
import type { EmbeddedLog } from '../../../adapters/embedded/log.ts';
import { checkLog, type LogReport } from '../../../core/tasks/check-log.ts';
import type { SequencePorts } from '../../../core/tasks/sequence-ports.ts';
import { caseNamed } from './action-cases.ts';
import { memorySigner } from './memory-signer.ts';
import { openTestWorld, type TestWorld, type TestWorldOptions } from './world.ts';

/** A world, and the ports of its sequencer to put something between. */
export interface LogWorld {
  readonly world: TestWorld;
  readonly log: EmbeddedLog;
  readonly ports: SequencePorts;
  /** Runs a transaction to its end, so that a seal is pending; its id. */
  seal(): Promise<string>;
  check(pinned?: readonly string[]): Promise<LogReport>;
}

export const STEP = caseNamed('iam:DeleteRolePolicy').step;

/** Worlds share files, and a key proposes once. */
let proposals = 0;

/** Opens a world with a log. */
export function openLogWorld(options: TestWorldOptions = {}): LogWorld {
  const signer = options.log?.signer ?? memorySigner();
  const checkpoints = options.log?.checkpoints ?? memoryCheckpoints();
  const world = openTestWorld({ ...options, log: { ...options.log, signer, checkpoints } });
  const { log } = world.controlPlane;
  if (log === undefined) throw new Error('the world has no log');
  const { store, crypto, clock, signer: sealer } = world.ports;
  const ports: SequencePorts = {
    store,
    control: log.control,
    log: log.store,
    checkpoints,
    signer: sealer,
    logSigner: signer,
    sealKeyIds: options.log?.sealKeyIds ?? (async () => [sealer.keyId]),
    crypto,
    clock,
  };
  return {
    world,
    log,
    ports,
    async seal() {
      proposals += 1;
      const { id } = await world.run(await world.propose([STEP], `sealed-${proposals}`));
      return id;
    },
    check: (pinned = []) =>
      checkLog(
        { ...ports, store: world.ports.store },
        {
          publicKey: signer.publicKey,
          pinned: pinned.map((note) => ({ name: 'the pinned checkpoint', note })),
        },
      ),
  };
}

/** Where a crash comes: at which call of a port, and whether the call was done by then. */
export interface Crash {
  readonly call: number;
  readonly isDone: boolean;
}

/** The ports with a crash in them: from that call on nothing is done any more. */
export function crashing(
  ports: SequencePorts,
  { call: last, isDone }: Crash,
): { readonly ports: SequencePorts; readonly crashedIn: () => string | undefined } {
  let calls = 0;
  let where: string | undefined;
  const wrap = <Port extends object>(name: string, port: Port): Port =>
    new Proxy(port, {
      get(target, method, receiver) {
        const value: unknown = Reflect.get(target, method, receiver);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          calls += 1;
          if (calls < last) return value.apply(target, args);
          where ??= `${isDone ? 'after' : 'before'} ${name}.${String(method)}`;
          if (calls === last && isDone) await value.apply(target, args);
          throw new Error('the process was killed');
        };
      },
    });
  const { store, control, log, checkpoints, signer, logSigner } = ports;
  return {
    crashedIn: () => where,
    ports: {
      ...ports,
      store: wrap('store', store),
      control: wrap('control', control),
      log: wrap('log', log),
      checkpoints: wrap('checkpoints', checkpoints),
      signer: wrap('signer', signer),
      logSigner: wrap('logSigner', logSigner),
    },
  };
}
