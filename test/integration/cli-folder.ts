import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { type LocalControlPlane, type LocalOptions, openLocal } from '../../cli/open.ts';
import { propose } from '../../core/tasks/propose.ts';
import type { Transaction } from '../../core/transaction.ts';
import { ROOT } from './cli-process.ts';

/** A folder that is removed after the tests. */
export function scratchFolder(): string {
  return fs.mkdtempSync(join(os.tmpdir(), 'interlock-cli-'));
}

/** The path of a plan in `examples/plans`. */
export function planFile(name: string): string {
  return join(ROOT, 'examples/plans', `${name}.json`);
}

/** A plan in `examples/plans`. */
export function planOf(name: string): Record<string, unknown> {
  return JSON.parse(fs.readFileSync(planFile(name), 'utf8')) as Record<string, unknown>;
}

/** Makes a data folder with the example account and does something in it. */
export async function inFolder<Result>(
  options: LocalOptions,
  work: (controlPlane: LocalControlPlane) => Promise<Result>,
): Promise<Result> {
  const controlPlane = openLocal(options);
  try {
    if (controlPlane.account.mutations().length === 0)
      controlPlane.account.load(
        JSON.parse(fs.readFileSync(join(ROOT, 'examples/acme-account.json'), 'utf8')),
      );
    return await work(controlPlane);
  } finally {
    controlPlane.close();
  }
}

/** Proposes an example plan without running it. */
export async function proposeIn({ ports }: LocalControlPlane, name: string): Promise<Transaction> {
  const { transaction } = await propose(ports, {
    plan: planOf(name),
    idempotencyKey: name,
    actor: 'agent:iam-auditor',
  });
  return transaction;
}

/** Every file below a folder with the digest of its bytes; empty when there is no folder. */
export function contentOf(folder: string): Readonly<Record<string, string>> {
  if (!fs.existsSync(folder)) return {};
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files
      .filter((file) => file.isFile())
      .map(({ parentPath, name }) => {
        const path = join(parentPath, name);
        return [path, createHash('sha256').update(fs.readFileSync(path)).digest('hex')];
      }),
  );
}
