import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Target } from '../../core/action.ts';
import type { Plan } from '../../core/plan.ts';
import type { Decision } from '../../core/ports/store.ts';
import type {
  Claim,
  EffectAnswer,
  Phase,
  PreparedStep,
  Status,
  Transaction,
} from '../../core/transaction.ts';

type Row = Record<string, SQLOutputValue>;

/** Parsed plans kept in memory. */
const DETAILS_MAX = 512;

interface Details {
  readonly version: number;
  readonly plan: Plan;
  readonly targets?: readonly Target[];
  readonly prepared?: readonly PreparedStep[];
}

const HOT = `id, agent, actor, idempotency_key, plan_digest, undo_of, created_at, status, reason,
  epoch, step_index, phase, attempt, details, approval, next_seq, sealed, cancelled, owner,
  lease_until, resolution, position`;

/** Reads transactions of their rows. */
export interface TransactionReader {
  readonly byId: (id: string) => Transaction | undefined;
  readonly byKey: (actor: string, key: string) => Transaction | undefined;
  readonly ofRow: (row: Row) => Transaction;
}

/** Reads transactions; the large parts, which change once or twice, are parsed once. */
export function transactionReader(database: DatabaseSync): TransactionReader {
  const hot = database.prepare(`SELECT ${HOT} FROM transactions WHERE id = ?`);
  const keyed = database.prepare(
    `SELECT ${HOT} FROM transactions WHERE actor = ? AND idempotency_key = ?`,
  );
  const cold = database.prepare('SELECT * FROM transaction_details WHERE id = ?');
  const known = new Map<string, Details>();
  const detailsOf = (id: string, version: number): Details => {
    const cached = known.get(id);
    if (cached?.version === version) return cached;
    const row = cold.get(id) as Row;
    const details = parseDetails(row, version);
    known.delete(id);
    if (known.size >= DETAILS_MAX) known.delete(known.keys().next().value as string);
    known.set(id, details);
    return details;
  };
  const ofRow = (row: Row): Transaction => {
    const { version: _, ...details } = detailsOf(row['id'] as string, row['details'] as number);
    return { ...hotPart(row), ...details };
  };
  const optional = (row: Row | undefined) => (row === undefined ? undefined : ofRow(row));
  return {
    byId: (id) => optional(hot.get(id)),
    byKey: (actor, key) => optional(keyed.get(actor, key)),
    ofRow,
  };
}

/** The columns that `ofRow` needs. */
export const TRANSACTION_COLUMNS = HOT;

function parseDetails(row: Row, version: number): Details {
  const { plan, targets, prepared } = row;
  return {
    version,
    plan: parse<Plan>(plan),
    ...(targets === null ? {} : { targets: parse<readonly Target[]>(targets) }),
    ...(prepared === null ? {} : { prepared: parse<readonly PreparedStep[]>(prepared) }),
  };
}

function hotPart(row: Row): Omit<Transaction, 'plan'> {
  const optional = <Key extends string>(key: Key, column: string, isJson: boolean) => {
    const value = row[column];
    return value === null ? {} : { [key]: isJson ? parse(value) : value };
  };
  return {
    id: row['id'] as string,
    agent: row['agent'] as string,
    actor: row['actor'] as string,
    idempotencyKey: row['idempotency_key'] as string,
    planDigest: row['plan_digest'] as string,
    createdAt: row['created_at'] as number,
    status: row['status'] as Status,
    epoch: row['epoch'] as number,
    cursor: {
      stepIndex: row['step_index'] as number,
      phase: row['phase'] as Phase,
      attempt: row['attempt'] as number,
    },
    nextSeq: row['next_seq'] as number,
    sealed: row['sealed'] === 1,
    ...optional('undoOf', 'undo_of', false),
    ...optional('reason', 'reason', true),
    ...optional('approval', 'approval', true),
    ...optional('cancelled', 'cancelled', true),
    ...optional('owner', 'owner', false),
    ...optional('leaseUntil', 'lease_until', false),
    ...optional('resolution', 'resolution', true),
  };
}

/** A claim of its row. */
export function claimOf(row: Row): Claim {
  const { policy_digest: policyDigest, answer } = row;
  return {
    ...parse<Claim>(row['body']),
    ...(policyDigest === null ? {} : { policyDigest: policyDigest as string }),
    ...(answer === null ? {} : { answer: answer as EffectAnswer }),
  };
}

/** A decision of its row. */
export function decisionOfRow(row: Row): Decision {
  return parse<Decision>(row['body']);
}

function parse<Value>(text: unknown): Value {
  return JSON.parse(text as string) as Value;
}
