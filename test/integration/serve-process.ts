import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { TokenCreated } from '../../cli/json-shapes.ts';
import { interlockJson, ROOT } from './cli-process.ts';

const START_MS_MAX = 15_000;

/** A running `interlock serve`. */
export interface Served {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it said on stderr so far. */
  stderr(): string;
  send(path: string, token?: string, init?: RequestInit): Promise<Response>;
  /** Sends a signal and waits for the end; returns the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts it on a free port and waits until it listens. */
export async function startServe(data: string, more: readonly string[] = []): Promise<Served> {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'cli/main.ts'), 'serve', '--port', '0', '--data', data, '--json', ...more],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const fail = () => reject(new Error(`it does not listen: ${stderr}`));
    const timer = setTimeout(fail, START_MS_MAX);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const [, found] = /"url": "([^"]+)"/.exec(stdout) ?? [];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
    child.once('close', () => {
      clearTimeout(timer);
      fail();
    });
  });
  return {
    url,
    child,
    stderr: () => stderr,
    send: (path, token, init = {}) =>
      fetch(`${url}${path}`, {
        ...init,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...init.headers,
        },
      }),
    async end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** Makes a token as a person would. */
export async function newToken(data: string, ...args: readonly string[]): Promise<string> {
  const { value } = await interlockJson(TokenCreated, ['token', 'create', '--data', data, ...args]);
  return value.token;
}
