import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EvidenceVerdict, Trust } from '../../core/evidence/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const PYTHON = join(ROOT, 'node_modules/.cache/verifier/bin/python');
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** A bundle file, and who reads it. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly trust: Trust;
}

/** The answer of one check, or of all. */
export type Answer = boolean | 'unknown';

/** What the Python verifier says of a file; `malformed` where it is no bundle. */
export type PythonVerdict = { readonly name: string } & (
  | EvidenceVerdict
  | { readonly ok: false; readonly malformed: string }
);

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of this folder. */
export async function runPython(script: string, ...args: readonly string[]): Promise<Ended> {
  const options = { cwd: ROOT, maxBuffer: OUTPUT_BYTES_MAX };
  const file = join(import.meta.dirname, script);
  try {
    const done = await promisify(execFile)(PYTHON, ['-B', file, ...args], options);
    return { ...done, code: 0 };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}

/** The Python verdicts of files, in their order, by one process. */
export function verdictsOf(files: readonly NamedFile[]): Promise<readonly PythonVerdict[]> {
  return inFolder(async (folder) => {
    const index = files.map(({ name, trust: { trustedKeyIds, checkpoint } }, place) => ({
      file: `${place}.json`,
      name,
      trust: trustedKeyIds,
      ...(checkpoint === undefined ? {} : { checkpoint }),
    }));
    for (const [place, { bytes }] of files.entries())
      await writeFile(join(folder, `${place}.json`), bytes);
    await writeFile(join(folder, 'index.json'), JSON.stringify(index));
    const { code, stdout, stderr } = await runPython('verify.py', '--batch', folder);
    if (code !== 0) throw new Error(`the batch ended with ${code}: ${stderr}`);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as PythonVerdict);
  });
}

/** Runs something with a folder of its own. */
export async function inFolder<Result>(run: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'interlock-verifier-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
