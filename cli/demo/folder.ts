import fs from 'node:fs';
import { join } from 'node:path';
import { openAccount } from '../../adapters/embedded/account/account.ts';
import { dataFolderAt } from '../../adapters/embedded/data-folder.ts';
import { AGENT } from '../../agents/iam-auditor/propose.ts';
import { InterlockError, InvalidInputError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { scopesOf } from '../../core/ports/kill-switch.ts';
import { settleTransactions } from '../audit/apply.ts';
import type { LocalControlPlane, LocalOptions } from '../open.ts';
import { openLocal } from '../open.ts';

/** Folders that are tried beside the wanted one. */
const FOLDERS_MAX = 100;

/** A control plane that holds the sample account, and why it is not where it was wanted. */
export interface DemoFolder {
  readonly controlPlane: LocalControlPlane;
  readonly detour?: string;
}

/**
 * Opens the demonstration's control plane in the wanted folder. One that holds another account, that is
 * stopped, or in which a transaction is open is somebody's work: it is left as it is and a folder
 * `demo-1`, `demo-2` ... inside it is taken.
 */
export async function openDemoFolder(
  options: LocalOptions,
  sample: JsonObject,
): Promise<DemoFolder> {
  let detour: string | undefined;
  for (let number = 0; number <= FOLDERS_MAX; number += 1) {
    const data = number === 0 ? options.data : join(options.data, `demo-${number}`);
    const others = heldByOthers(data, sample);
    const opened = others === undefined ? await openSettled({ ...options, data }) : others;
    if (typeof opened !== 'string')
      return { controlPlane: opened, ...(detour === undefined ? {} : { detour }) };
    detour ??= opened;
  }
  throw new InvalidInputError('demo-folder', `no folder in \`${options.data}\` is free`, {
    hint: 'name another with --data',
  });
}

/** Why the account in a folder is not the demonstration's to load, or undefined. */
function heldByOthers(data: string, sample: JsonObject): string | undefined {
  const { account: path } = dataFolderAt(data);
  if (!fs.existsSync(path)) return undefined;
  const account = openAccount(path);
  try {
    const arns = arnsOf(account.toGaad());
    const own = arnsOf(sample);
    const isSame = arns.size === own.size && [...arns].every((each) => own.has(each));
    const isSample = arns.size === 0 || isSame;
    return isSample ? undefined : `${data} holds another account, ${account.accountId()}`;
  } finally {
    account.close();
  }
}

async function openSettled(options: LocalOptions): Promise<LocalControlPlane | string> {
  const controlPlane = openLocal(options);
  const mode = await controlPlane.ports.killSwitch.effective(scopesOf(AGENT));
  try {
    if (mode === 'running') {
      await settleTransactions(controlPlane);
      return controlPlane;
    }
  } catch (error) {
    if (!(error instanceof InterlockError)) throw error;
  }
  controlPlane.close();
  return mode === 'running'
    ? `${options.data} has a transaction that is not settled`
    : `the kill switch of ${options.data} is at ${mode}`;
}

function arnsOf(gaad: JsonObject): Set<string> {
  const lists = Object.values(gaad)
    .filter((each) => Array.isArray(each))
    .flat();
  return new Set(lists.map((each) => String((each as JsonObject)['Arn'])));
}
