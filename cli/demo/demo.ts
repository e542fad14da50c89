import { fileURLToPath } from 'node:url';
import { AUDITOR } from '../../agents/iam-auditor/agent.ts';
import { FOREIGN_JSON } from '../../api/strict-json.ts';
import { InvariantError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { parsePlan } from '../../core/plan.ts';
import { propose } from '../../core/tasks/propose.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { LocalControlPlane } from '../open.ts';
import { ACCOUNT_FILE_BYTES_MAX, PLAN_FILE_BYTES_MAX, readJsonFile } from '../read-json-file.ts';
import type { Moments } from './moments.ts';
import type { Stages } from './stage.ts';

/** What every stage of the demonstration works with. */
export interface Demo {
  readonly controlPlane: LocalControlPlane;
  readonly moments: Moments;
  readonly stages: Stages;
}

const example = (name: string): string =>
  fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

export const SAMPLE_ACCOUNT = 'examples/acme-account.json';

/** The account that the project ships. */
export function sampleAccount(): JsonObject {
  return readJsonFile(
    example('acme-account.json'),
    ACCOUNT_FILE_BYTES_MAX,
    FOREIGN_JSON,
  ) as JsonObject;
}

/** A plan that the project ships, by the name of its file. */
export function samplePlan(name: string): Plan {
  return parsePlan(readJsonFile(example(`plans/${name}.json`), PLAN_FILE_BYTES_MAX));
}

/** Proposes a plan as the auditor; a second demonstration in one folder proposes it anew. */
export async function proposeSample({ controlPlane }: Demo, plan: Plan): Promise<Transaction> {
  const { ports } = controlPlane;
  const idempotencyKey = ports.ids.next('demo');
  return (await propose(ports, { plan, idempotencyKey, actor: AUDITOR })).transaction;
}

/** Runs a transaction and returns its row as it is then. */
export async function runSample({ controlPlane }: Demo, { id }: Transaction): Promise<Transaction> {
  const { store } = controlPlane.ports;
  const before = await store.load(id);
  if (before !== undefined) await controlPlane.run(before);
  const after = await store.load(id);
  if (after === undefined) throw new InvariantError(`\`${id}\` has gone`);
  return after;
}
