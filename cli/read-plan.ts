import { registry } from '../actions/registry.ts';
import type { Plan } from '../core/plan.ts';
import { parseWhole } from '../core/tasks/propose.ts';
import { PLAN_FILE_BYTES_MAX, readJsonFile } from './read-json-file.ts';

/** Reads a plan file whole, inputs of the steps included, before anything is opened. Throws
 * `InvalidInputError` that names the place. */
export function readPlan(file: string): Plan {
  const plan = readJsonFile(file, PLAN_FILE_BYTES_MAX);
  return parseWhole({ actions: registry }, { plan, idempotencyKey: 'read', actor: '' });
}
