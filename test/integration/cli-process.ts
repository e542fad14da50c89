import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { z } from 'zod';
import { ErrorShape } from '../../cli/json-shapes.ts';

export const ROOT = join(import.meta.dirname, '../..');
const TIMEOUT_MS = 30_000;

/** How a run of the command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run it, besides its arguments. */
export interface RunOptions {
  /** Hears of stderr as it comes; may send signals. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** A module that is loaded before the program. */
  readonly preload?: string;
}

/** Runs `interlock` as a person would, off a terminal. */
export function interlock(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [...preloading(options), join(ROOT, 'cli/main.ts'), ...args],
      {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: TIMEOUT_MS,
      },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onStderr?.(stderr, (signal) => child.kill(signal));
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function preloading({ preload }: RunOptions): readonly string[] {
  return preload === undefined ? [] : ['--import', preload];
}

/** Runs it with --json and holds its stdout to the schema. */
export async function interlockJson<Shape extends z.ZodType>(
  shape: Shape,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly value: z.output<Shape> }> {
  const { code, stdout, stderr } = await interlock([...args, '--json']);
  if (stdout === '') throw new Error(`no data on stdout; stderr says ${stderr}`);
  return { code, value: shape.parse(JSON.parse(stdout)) };
}

/** The error of a run with --json: the last line of stderr; stdout must be empty. */
export function errorOf({ stdout, stderr }: Ended): z.output<typeof ErrorShape>['error'] {
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/^\s+at /m);
  return ErrorShape.parse(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).error;
}
