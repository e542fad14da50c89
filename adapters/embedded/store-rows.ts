import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Target } from '../../core/action.ts';
import { StoreDamagedError } from '../../core/errors.ts';
import { type Plan, planDigest } from '../../core/plan.ts';
import type { Decision } from '../../core/ports/store.ts';
import type {
  Claim,
  EffectAnswer,
  Phase,
  PreparedStep,
  Status,
  Transaction,
} from '../../core/transaction.ts';
import { parseStored } from './damage.ts';

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
  const detailsOf = (hotRow: Row): Details => {
    const id = hotRow['id'] as string;
    const version = hotRow['details'] as number;
    const cached = known.get(id);
    if (cached?.version === version) return cached;
    const row = cold.get(id);
    if (row === undefined) throw new StoreDamagedError(`the plan of \`${id}\``, undefined);
    const plan = cached?.plan ?? planOf(row, hotRow['plan_digest']);
    const details = { ...partsOf(row), plan, version };
    known.delete(id);
    if (known.size >= DETAILS_MAX) known.delete(known.keys().next().value as string);
    known.set(id, details);
    return details;
  };
  const ofRow = (row: Row): Transaction => {
    const { version: _, ...details } = detailsOf(row);
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

/** The plan, which alone is what was proposed and decided: its digest must be right. */
function planOf(row: Row, digest: unknown): Plan {
  const what = `the plan of \`${row['id']}\``;
  const plan = parseStored<Plan>(row['plan'], what);
  if (planDigest(plan) !== digest)
    throw new StoreDamagedError(what, new Error('it has another digest'));
  return plan;
}

function partsOf({ id, targets, prepared }: Row): Pick<Details, 'targets' | 'prepared'> {
  const what = `what preflight found for \`${id}\``;
  return {
    ...(targets === null ? {} : { targets: parseStored<readonly Target[]>(targets, what) }),
    ...(prepared === null
      ? {}
      : { prepared: parseStored<readonly PreparedStep[]>(prepared, what) }),
  };
}

function hotPart(row: Row): Omit<Transaction, 'plan'> {
  const what = `the transaction \`${row['id']}\``;
  const optional = <Key extends string>(key: Key, column: string, isJson: boolean) => {
    const value = row[column];
    return value === null ? {} : { [key]: isJson ? parseStored(value, what) : value };
  };
  return {
    id: row['id'] as string,
    agent: row['agent'] as string,
    actor: row['actor'] as string,
    idempotencyKey: row['idempotency_key'] as string,
    planDigest: row['plan_digest'] as string,
    createdAt: row['created_at'] as number,
    status: wordOf(STATUSES, row['status'], what),
    epoch: row['epoch'] as number,
    cursor: {
      stepIndex: row['step_index'] as number,
      phase: wordOf(PHASES, row['phase'], what),
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

const STATUSES: Readonly<Record<Status, true>> = {
  proposed: true,
  'awaiting-approval': true,
  running: true,
  compensating: true,
  parked: true,
  committed: true,
  rejected: true,
  compensated: true,
  stuck: true,
};

const PHASES: Readonly<Record<Phase, true>> = {
  preflight: true,
  authorize: true,
  execute: true,
  claimed: true,
  verify: true,
  compensate: true,
  'compensation-claimed': true,
  seal: true,
  ended: true,
};

function wordOf<Word extends string>(
  words: Readonly<Record<Word, true>>,
  value: unknown,
  what: string,
): Word {
  if (Object.hasOwn(words, String(value))) return value as Word;
  throw new StoreDamagedError(what, new Error(`\`${value}\` is no status or phase`));
}

/** A claim of its row. */
export function claimOf(row: Row): Claim {
  const { policy_digest: policyDigest, answer } = row;
  return {
    ...parseStored<Claim>(row['body'], `the claim \`${row['attempt_id']}\``),
    ...(policyDigest === null ? {} : { policyDigest: policyDigest as string }),
    ...(answer === null ? {} : { answer: answer as EffectAnswer }),
  };
}

/** A decision of its row. */
export function decisionOfRow(row: Row): Decision {
  return parseStored<Decision>(row['body'], 'a decision');
}
