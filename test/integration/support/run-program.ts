import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a process said and answered. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** A process off a terminal, and what it will have said. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** Starts a file of the project with Node, off a terminal. */
export function startProgram(file: string, args: readonly string[]): Started {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code, ...texts, elapsedMs: performance.now() - startedAt }),
    );
  });
  return { child, ended };
}

/** `interlock ARGS` */
export const interlock = (...args: readonly string[]): Promise<Ran> =>
  startProgram('cli/main.ts', args).ended;

/** A folder for one test; `inside` names a path in it. */
export function scratchFolder(): { inside(name: string): string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'interlock-test-'));
  return {
    inside: (name) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
