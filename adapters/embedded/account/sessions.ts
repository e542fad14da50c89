import type { DatabaseSync } from 'node:sqlite';
import { AnswerLostError, CloudRefusedError } from '../../../core/errors.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { Cloud, CloudRequest } from '../../../core/ports/cloud.ts';
import { isAllowedBySession } from '../../../iam/session.ts';
import type { Barrier } from '../barrier.ts';
import { inTransaction } from '../sqlite.ts';
import { pastEntities } from './database.ts';
import { EDGE_OPERATIONS } from './edge-operations.ts';
import { type Entities, type Entity, type EntityEdit, editEntities } from './entities.ts';
import { ENTITY_OPERATIONS } from './entity-operations.ts';
import type {
  AccountFacts,
  Operation,
  OperationContext,
  ReadOperation,
  WriteOperation,
} from './operation.ts';
import { POLICY_OPERATIONS } from './policy-operations.ts';
import { READ_OPERATIONS } from './read-operations.ts';
import { refusal } from './refusals.ts';

/** Who calls, under which policy, at what time. */
export interface SessionOptions {
  /** The text that every call must be allowed by; absent only for the account's own admin. */
  readonly sessionPolicy?: string;
  /** Epoch ms: `aws:CurrentTime` and the time of mutations. */
  readonly now: () => number;
  readonly principal?: string;
  /** Reads see the account as it was at this time (epoch ms); needs `keepsHistory`. */
  readonly asOf?: () => number;
}

/** What sessions share of an account. */
export interface SessionParts {
  readonly database: DatabaseSync;
  readonly entities: Entities;
  readonly facts: () => AccountFacts;
  readonly barrier: Barrier;
  readonly write: (changes: ReadonlyMap<string, Entity | undefined>, at: number) => void;
}

const WRITE_OPERATIONS: Readonly<Record<string, WriteOperation>> = {
  ...EDGE_OPERATIONS,
  ...ENTITY_OPERATIONS,
  ...POLICY_OPERATIONS,
};

/** Opens sessions on an account: each call is authorised, run and, if it mutates, committed. */
export function openSessions(parts: SessionParts): (options: SessionOptions) => Cloud {
  const mutate = mutator(parts);
  return (options) => ({
    async call(request) {
      const name = request.operation.startsWith('iam:') ? request.operation.slice(4) : '';
      if (Object.hasOwn(READ_OPERATIONS, name)) {
        return answerRead(parts, READ_OPERATIONS[name] as ReadOperation, request, options);
      }
      if (!Object.hasOwn(WRITE_OPERATIONS, name)) {
        throw refusal('InvalidAction', `there is no operation \`${request.operation}\``);
      }
      const outcome = mutate(WRITE_OPERATIONS[name] as WriteOperation, request, options);
      await durable(parts.barrier);
      if (outcome instanceof CloudRefusedError) throw outcome;
      return outcome;
    },
  });
}

/** True for the operations that change the account. */
export function isMutating(operation: string): boolean {
  return !/^iam:(Get|List)/.test(operation);
}

function answerRead(
  parts: SessionParts,
  operation: ReadOperation,
  request: CloudRequest,
  options: SessionOptions,
): JsonObject {
  const entities =
    options.asOf === undefined ? parts.entities : pastEntities(parts.database, options.asOf());
  const context = { facts: parts.facts(), entities, date: dateOf(options.now()) };
  authorize(operation, request, { context, options });
  return operation.run(request.input, context);
}

function mutator(
  parts: SessionParts,
): (
  operation: WriteOperation,
  request: CloudRequest,
  options: SessionOptions,
) => JsonObject | CloudRefusedError {
  const log = parts.database.prepare(
    'INSERT INTO mutation (at, operation, input, principal, answer) VALUES (?, ?, ?, ?, ?)',
  );
  const top = parts.database.prepare('SELECT COALESCE(MAX(position), -1) AS top FROM entity');
  const nextPosition = (): number => Number(top.get()?.['top']) + 1;
  return (operation, request, options) =>
    inTransaction(parts.database, () => {
      const at = options.now();
      const edit = editEntities(parts.entities, nextPosition);
      const context = { facts: parts.facts(), entities: edit, date: dateOf(at) };
      const outcome = attempt(() => {
        authorize(operation, request, { context, options });
        return operation.run(request.input, context);
      });
      const isRefused = outcome instanceof CloudRefusedError;
      if (!isRefused) parts.write(edit.changes(), at);
      const answer: Json = isRefused
        ? { error: { code: outcome.code, message: outcome.message } }
        : outcome;
      log.run(
        at,
        request.operation,
        JSON.stringify(request.input),
        options.principal ?? 'session',
        JSON.stringify(answer),
      );
      return outcome;
    });
}

function attempt(run: () => JsonObject): JsonObject | CloudRefusedError {
  try {
    return run();
  } catch (error) {
    if (error instanceof CloudRefusedError) return error;
    throw error;
  }
}

function authorize<View extends Entities>(
  operation: Operation<View>,
  request: CloudRequest,
  {
    context,
    options,
  }: {
    readonly context: OperationContext<Entities | EntityEdit>;
    readonly options: SessionOptions;
  },
): void {
  // Also for the admin: it refuses input that names nothing.
  const resource = operation.resource(request.input, context);
  const keys = operation.conditionKeys(request.input, context);
  if (options.sessionPolicy === undefined) return;
  const isAllowed = isAllowedBySession(options.sessionPolicy, {
    action: request.operation,
    resource,
    context: { ...keys, 'aws:CurrentTime': new Date(options.now()).toISOString() },
  });
  if (isAllowed) return;
  throw refusal(
    'AccessDenied',
    `no session policy allows \`${request.operation}\` on \`${resource}\``,
  );
}

async function durable(barrier: Barrier): Promise<void> {
  try {
    await barrier.wait();
  } catch (cause) {
    throw new AnswerLostError('not-durable', 'the account could not confirm the change', { cause });
  }
}

function dateOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
