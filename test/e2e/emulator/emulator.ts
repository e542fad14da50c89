import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { devNull, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** An emulated AWS account of its own: nothing in it outlives {@link Emulator.stop}. */
export type Emulator = {
  /** Where every service answers: `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** A whole environment for `cdk` and other programs: nothing in it leads to a real account. */
  readonly env: Readonly<Record<string, string>>;
  /** The emulator's process, which leads a process group. */
  readonly pid: number;
  /** What the emulator has printed so far, for messages and for searching it for secrets. */
  log(): string;
  /** Ends the process and all it started, and removes its files; safe to repeat. */
  stop(): Promise<void>;
};

/**
 * The configuration of an SDK client: `new IAMClient(clientOptions(emulator))`. Another account than
 * that of the tests' keys is named by its id, which is the key of its root.
 */
export function clientOptions(emulator: Pick<Emulator, 'endpoint' | 'env'>, accountId?: string) {
  return {
    endpoint: emulator.endpoint,
    region: REGION,
    credentials: {
      accessKeyId: accountId ?? emulator.env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: emulator.env['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  };
}

/**
 * Starts MiniStack on a free port of 127.0.0.1 and waits until it answers, at most 30 s.
 * `auth` has it verify signatures and enforce IAM; `isStock` leaves the patches of patch.py out.
 */
export async function startEmulator(
  options: { readonly auth?: boolean; readonly isStock?: boolean } = {},
): Promise<Emulator> {
  if (!existsSync(PYTHON))
    throw new Error('the emulator is not installed: `npm run test:e2e` does');
  const keys = rootKeys();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'interlock-emulator-'));
  const run: Run = { endpoint, folder, token: randomUUID(), isEnforcing: options.auth === true };
  const child = launch(run, port, options.isStock === true);
  const log = () => readFileSync(join(folder, 'log.txt'), 'utf8');
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilAnswered(run, child);
  } catch (cause) {
    const tail = log().slice(-LOG_TAIL_CHARACTERS);
    await stop();
    throw new Error(`the emulator did not start: ${tail}`, { cause });
  }
  const env = { ...inherited(), ...keys, ...awsVariables(endpoint) };
  return { endpoint, env, pid: child.pid ?? 0, log, stop };
}

/** An emulator that somebody else runs, has the log of and stops, under the id 0. */
export function emulatorAt(endpoint: string): Emulator {
  const env = { ...inherited(), ...rootKeys(), ...awsVariables(endpoint) };
  return { endpoint, env, pid: 0, log: () => '', stop: async () => undefined };
}

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..', '..', '..');
export const PYTHON: string = join(ROOT, 'node_modules', '.cache', 'emulator', 'bin', 'python');
const REGION = 'us-east-1';
const START_MS_MAX = 30_000;
const POLL_MS = 50;
const EXIT_MS_MAX = 5_000;
const LOG_TAIL_CHARACTERS = 2_000;

type Run = {
  readonly endpoint: string;
  readonly folder: string;
  /** What only the process started here can answer with. */
  readonly token: string;
  readonly isEnforcing: boolean;
};

function rootKeys(): Record<string, string> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  if (id === undefined || secret === undefined) {
    throw new Error('the keys of the emulator are set by `npm run test:e2e`: run that');
  }
  return { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

function launch(run: Run, port: number, isStock: boolean): ChildProcess {
  const output = openSync(join(run.folder, 'log.txt'), 'a');
  const parameters = ['--parent', `${process.pid}`, '--folder', run.folder];
  return spawn(PYTHON, [join(HERE, 'patch.py'), ...parameters, ...(isStock ? ['--stock'] : [])], {
    cwd: run.folder,
    // A process group of its own, which ends whole.
    detached: true,
    stdio: ['ignore', output, output],
    // Lambdas inherit this: nothing of the caller's environment but what it takes to run.
    env: {
      HOME: run.folder,
      TMPDIR: run.folder,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
      NODE_PATH: lambdaModules(run.folder),
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: `${port}`,
      AUTH: `${run.isEnforcing}`,
      LAMBDA_EXECUTOR: 'local',
      SFTP_ENABLED: '0',
      IOT_MTLS_ENABLED: '0',
      STATE_DIR: join(run.folder, 'state'),
      S3_DATA_DIR: join(run.folder, 's3'),
      MINISTACK_EDITION: run.token,
    },
  });
}

// The Node.js runtime of Lambda brings the SDK and nothing else: a bundle that lacks
// anything else must fail here too.
function lambdaModules(folder: string): string {
  const modules = join(folder, 'runtime');
  mkdirSync(modules);
  symlinkSync(join(ROOT, 'node_modules', '@aws-sdk'), join(modules, '@aws-sdk'));
  return modules;
}

async function untilAnswered(run: Run, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_MS_MAX;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new Error('its process ended');
    }
    const health = await healthOf(run.endpoint);
    if (health !== undefined) {
      if (health.edition !== run.token) throw new Error('another process answers on its port');
      if ((health.auth === 'enabled') !== run.isEnforcing) throw new Error('auth is not as asked');
      return;
    }
    await wait(POLL_MS);
  }
  throw new Error(`it did not answer within ${START_MS_MAX} ms`);
}

type Health = { readonly edition?: unknown; readonly auth?: unknown };

async function healthOf(endpoint: string): Promise<Health | undefined> {
  try {
    const signal = AbortSignal.timeout(START_MS_MAX / 10);
    const answer = await fetch(`${endpoint}/_ministack/health`, { signal });
    return (await answer.json()) as Health;
  } catch {
    return undefined;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const hasExited = child.exitCode !== null || child.signalCode !== null;
  const exit = hasExited
    ? undefined
    : once(child, 'exit', { signal: AbortSignal.timeout(EXIT_MS_MAX) });
  try {
    // There is nothing to save, and MiniStack may outlive a SIGTERM.
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await exit;
}

function inherited(): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return Object.fromEntries(own.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

function awsVariables(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    // A profile on this machine must not win over the variables above.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}
