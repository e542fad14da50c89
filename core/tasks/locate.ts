import type { Target } from '../action.ts';
import { InterlockError, InvalidInputError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Step } from '../plan.ts';
import { commit, type RecordDraft, type TaskContext } from './context.ts';
import type { Ports } from './ports.ts';
import { repeatable } from './settled.ts';

/** A step's target, and the record of how it was found. */
export interface Located {
  readonly target: Target;
  readonly record: RecordDraft;
}

/** Locates every step's target anew and commits them: the vault's sessions rest on the stored ones. */
export async function locateSteps(context: TaskContext): Promise<TaskContext> {
  const found = await findTargets(context);
  return commit(context, {
    update: {
      cursor: context.transaction.cursor,
      targets: found.map((one) => one.target),
    },
    records: found.map((one) => one.record),
  });
}

/** Reads where each step's target is; writes nothing. */
export async function findTargets(context: TaskContext): Promise<readonly Located[]> {
  const found: Located[] = [];
  try {
    for (const stepIndex of context.transaction.plan.steps.keys())
      found.push(await findTarget(context, stepIndex));
    return found;
  } catch (error) {
    context.observing.giveBack(found.flatMap(({ record }) => record.observations ?? []));
    throw error;
  }
}

async function findTarget(context: TaskContext, stepIndex: number): Promise<Located> {
  const { ports, transaction, observing } = context;
  const { id: transactionId, epoch, plan } = transaction;
  const step = plan.steps[stepIndex] as Step;
  const cloud = await ports.vault.locate({ transactionId, epoch, stepIndex });
  const action = actionOf(ports, step.action);
  const { partition, accountId } = plan.target;
  const target = await named(step.id, () =>
    repeatable(() => action.locate(step.input as JsonObject, { partition, accountId }, cloud)),
  );
  if (target.accountId !== accountId)
    throw new InvalidInputError(
      'foreign-account',
      `step \`${step.id}\` is about account \`${target.accountId}\`, not \`${accountId}\``,
    );
  const data = { target: JSON.parse(JSON.stringify(target)) as JsonObject };
  return { target, record: { kind: 'located', stepIndex, data, observations: observing.take() } };
}

/** The action of that id. Throws `InvalidInputError` (`unknown-action`) with near ids. */
export function actionOf(ports: Pick<Ports, 'actions'>, id: string) {
  const action = ports.actions.byId(id);
  if (action !== undefined) return action;
  const near = ports.actions.suggest(id).map((one) => `\`${one}\``);
  throw new InvalidInputError(
    'unknown-action',
    `unknown action \`${id.slice(0, 128)}\``,
    near.length === 0 ? {} : { hint: `did you mean ${near.join(' or ')}?` },
  );
}

/** Names the step in an error on purpose, keeping its class and code. */
export async function named<Result>(stepId: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof InterlockError && !error.message.startsWith('step '))
      error.message = `step \`${stepId}\`: ${error.message}`;
    throw error;
  }
}
