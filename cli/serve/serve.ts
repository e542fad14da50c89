import { serve as listen, type ServerType } from '@hono/node-server';
import { registry } from '../../actions/registry.ts';
import { loadPolicies } from '../../adapters/cedar/load.ts';
import { openReplayer } from '../../adapters/embedded/replayer.ts';
import { openTokens, type Tokens } from '../../adapters/embedded/tokens.ts';
import { createApi } from '../../api/app.ts';
import { policyList } from '../../api/view/policy-list.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { Caller } from '../../core/tasks/operate.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { watchInterruption } from '../interruption.ts';
import type { Invocation } from '../invocation.ts';
import { type LocalControlPlane, openExisting, POLICIES_FOLDER } from '../open.ts';
import type { Output } from '../output.ts';
import { errorReport } from '../report-error.ts';
import { openBackground } from './background.ts';

/** Milliseconds between two looks for what nobody runs. */
const SWEEP_MS = 5000;
/** Milliseconds between two looks for what is not in the log. */
const SEQUENCE_MS = 1000;
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/** Where to listen. */
export interface Address {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** Serves the API of a data folder until it is interrupted; then what runs ends between two tasks. */
export async function serveFolder(
  { data, output }: Invocation,
  address: Address,
): Promise<ExitCode> {
  const controlPlane = openExisting({ data });
  const tokens = openTokens(controlPlane.folder.store);
  const interruption = watchInterruption();
  try {
    await serveUntil(interruption.signal, { controlPlane, tokens, output, address });
    output.message('stopped; nothing is lost: the next `interlock serve` goes on');
    return EXIT.ok;
  } finally {
    interruption.release();
    tokens.close();
    controlPlane.close();
  }
}

interface Serving {
  readonly controlPlane: LocalControlPlane;
  readonly tokens: Tokens;
  readonly output: Output;
  readonly address: Address;
}

async function serveUntil(signal: AbortSignal, serving: Serving): Promise<void> {
  const { controlPlane, output, address } = serving;
  const onDefect = (error: unknown): void => {
    const { code, message } = errorReport(error).error;
    output.message(`${message} [${code}]`);
  };
  const background = openBackground(controlPlane, onDefect);
  const api = apiOf(serving, { background, onDefect });
  const { server, port } = await listening(address, api.fetch);
  const { host } = address;
  if (!LOOPBACK.includes(host))
    output.message(`warning: \`${host}\` may be reached from other machines, without TLS`);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  output.print({ url }, () => `listening on ${url}`);
  const sweep = () => background.sweep().catch(onDefect);
  await sweep();
  const sweeping = setInterval(sweep, SWEEP_MS);
  const onRefusal = changesOnly(onDefect);
  const sequencing = setInterval(
    () => background.sequence().then(onRefusal.clear, onRefusal.hear),
    SEQUENCE_MS,
  );
  try {
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    clearInterval(sweeping);
    clearInterval(sequencing);
    await closed(server);
    await background.stop();
  }
}

/** Hears of an error when it is another than the last: what holds the log up comes each second. */
function changesOnly(hear: (error: unknown) => void) {
  let last: string | undefined;
  return {
    clear: (): void => {
      last = undefined;
    },
    hear(error: unknown): void {
      const { code, message } = errorReport(error).error;
      const said = `${code} ${message}`;
      if (said !== last) hear(error);
      last = said;
    },
  };
}

function apiOf(
  { controlPlane, tokens }: Serving,
  parts: {
    readonly background: ReturnType<typeof openBackground>;
    readonly onDefect: (error: unknown) => void;
  },
) {
  const { ports } = controlPlane;
  const loaded = loadPolicies(POLICIES_FOLDER);
  const policies = policyList(loaded);
  const known = (caller: Caller | undefined) =>
    caller?.type === 'Agent' && !loaded.agents.includes(caller.id) ? undefined : caller;
  return createApi({
    ports,
    log: controlPlane.log,
    contents: openReplayer(controlPlane.contents).contents,
    start: parts.background.start,
    surface: 'both',
    async callerOf({ req }) {
      const [, text = ''] = /^Bearer (\S+)$/i.exec(req.header('authorization') ?? '') ?? [];
      return known(tokens.callerOf(text, ports.clock.now()));
    },
    actions: registry.all,
    policies: () => policies,
    version: packageJson.version,
    onDefect: parts.onDefect,
  });
}

type Fetch = ReturnType<typeof apiOf>['fetch'];

function listening(
  { host, port }: Address,
  fetch: Fetch,
): Promise<{ readonly server: ServerType; readonly port: number }> {
  return new Promise((resolve, reject) => {
    const server = listen({ fetch, hostname: host, port }, (bound) =>
      resolve({ server, port: bound.port }),
    );
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code ?? 'unknown';
      reject(
        new InvalidInputError('cannot-listen', `cannot listen on ${host}:${port}: ${code}`, {
          hint: 'name another with --port',
          cause,
        }),
      );
    });
  });
}

/** Ends when every answer that was begun is sent. */
function closed(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  });
}
