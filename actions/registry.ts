import type { Action } from '../core/action.ts';
import { InvariantError } from '../core/errors.ts';
import { IAM_ACTIONS } from './iam/actions.ts';

/** A closed list of actions. */
export interface Registry {
  readonly all: readonly Action[];
  byId(id: string): Action | undefined;
  /** At most three known ids that `id` may have meant, nearest first. */
  suggest(id: string): readonly string[];
}

const TEXT_PARTS = ['id', 'title', 'description'] as const;
const FUNCTION_PARTS = [
  'locate',
  'resources',
  'permissions',
  'footprint',
  'read',
  'predict',
  'apply',
  'compensate',
  'restorable',
  'facts',
  'inverse',
] as const;
const ACTION_ID = /^[a-z][a-z0-9-]*:[A-Z][A-Za-z0-9]*$/;
const SUGGESTIONS_MAX = 3;
const DISTANCE_MAX = 6;

/**
 * Makes a registry. Throws `InvariantError` for an action that lacks any part, so that nothing can
 * be registered that cannot be read back and undone, and for an id that comes twice.
 */
export function createRegistry(actions: readonly Action[]): Registry {
  const byId = new Map<string, Action>();
  for (const action of actions) {
    checkWhole(action);
    if (byId.has(action.id)) throw new InvariantError(`action \`${action.id}\` comes twice`);
    byId.set(action.id, action);
  }
  return {
    all: [...byId.values()],
    byId: (id) => byId.get(id),
    suggest: (id) => nearest(id, [...byId.keys()]),
  };
}

/** The actions that Interlock ships with. */
export const registry: Registry = createRegistry(IAM_ACTIONS);
export const allActions: readonly Action[] = registry.all;

/** The shipped action of that id. */
export function actionById(id: string): Action | undefined {
  return registry.byId(id);
}

/** Shipped ids near to an unknown one. */
export function suggestActions(id: string): readonly string[] {
  return registry.suggest(id);
}

function checkWhole(action: Action): void {
  const parts = action as unknown as Readonly<Record<string, unknown>>;
  const missing = [
    ...TEXT_PARTS.filter((part) => typeof parts[part] !== 'string' || parts[part] === ''),
    ...FUNCTION_PARTS.filter((part) => typeof parts[part] !== 'function'),
    ...(typeof action.input?.safeParse === 'function' ? [] : ['input']),
    ...(Number.isSafeInteger(action.version) && action.version > 0 ? [] : ['version']),
  ];
  if (missing.length > 0) {
    throw new InvariantError(`action \`${parts['id']}\` lacks \`${missing.join('`, `')}\``);
  }
  if (!ACTION_ID.test(action.id)) {
    throw new InvariantError(`action id \`${action.id}\` must be \`service:Operation\``);
  }
}

function nearest(id: string, known: readonly string[]): readonly string[] {
  const wanted = id.slice(0, 128).toLowerCase();
  return known
    .map((one) => ({ one, distance: editDistance(wanted, one.toLowerCase()) }))
    .filter(({ distance }) => distance <= DISTANCE_MAX)
    .sort((left, right) => left.distance - right.distance)
    .slice(0, SUGGESTIONS_MAX)
    .map(({ one }) => one);
}

/** Levenshtein distance, one row at a time. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
