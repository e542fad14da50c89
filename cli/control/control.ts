import type { ListWanted } from '../../api/client.ts';
import type {
  KillStatus,
  Proposed,
  TransactionDetail,
  TransactionList,
  TransactionSummary,
} from '../../api/shapes.ts';
import type { EvidenceRecord } from '../../core/evidence/record.ts';
import type { Plan } from '../../core/plan.ts';
import type { Halt } from '../../core/tasks/halt.ts';
import type { Resolve } from '../../core/tasks/resolve.ts';
import type { Invocation } from '../invocation.ts';

/** Where a transaction stands. */
export type Standing = TransactionDetail['transaction'];

/** What hears of a transaction while it is followed. */
export interface Listener {
  readonly signal: AbortSignal;
  readonly onRecord: (record: EvidenceRecord) => void;
}

/** What hears of many that go on. */
export interface Resuming {
  readonly signal: AbortSignal;
  readonly onEnd: (transaction: TransactionSummary) => void;
}

/** The control plane that a command talks to: a data folder, or an endpoint. */
export interface Control {
  propose(plan: Plan, idempotencyKey: string): Promise<Proposed>;
  list(wanted: ListWanted & { readonly limit: number }): Promise<TransactionList>;
  show(id: string): Promise<TransactionDetail>;
  /** All records of a transaction, in order. */
  records(id: string): Promise<readonly EvidenceRecord[]>;
  cancel(id: string): Promise<void>;
  /** The id of the transaction that undoes it. */
  undo(id: string): Promise<string>;
  /** Approves exactly what was shown. */
  approve(seen: Standing): Promise<void>;
  refuse(id: string, reason: string): Promise<void>;
  resolve(wanted: Resolve): Promise<void>;
  /** Follows it until it is at rest, or nobody goes on with it. */
  watch(id: string, listener: Listener): Promise<Standing>;
  /** Brings it to its end, whoever runs it. */
  follow(id: string, listener: Listener): Promise<Standing>;
  /** Brings to its end what an operator has just decided, whoever ran it before. */
  settle(id: string, listener: Listener): Promise<Standing>;
  /** Goes on with what waits for a release, or was left. Returns where each stands then. */
  resumeAll(resuming: Resuming): Promise<readonly TransactionSummary[]>;
  killStatus(): Promise<KillStatus>;
  moveKillSwitch(move: Omit<Halt, 'operator'>): Promise<KillStatus>;
  /** Who goes on with a transaction that is left alone. */
  readonly goesOn: string;
  /** Ends it; what was done here is in the log then. */
  close(): Promise<void>;
}

/** Opens the control plane of a command; `onRecord` hears of what this process does. */
export async function openControl(
  { data, output, remote }: Invocation,
  onRecord?: Listener['onRecord'],
): Promise<Control> {
  // Loaded where they are used: each needs much that the other does not.
  if (remote === undefined) {
    const { localControl } = await import('./local.ts');
    return localControl({ data, output }, onRecord);
  }
  const { remoteControl } = await import('./remote.ts');
  return remoteControl(remote);
}

/** A standing as lists show it. */
export function summaryOfStanding(standing: Standing): TransactionSummary {
  const { id, status, agent, target, purpose, createdAt, reason } = standing;
  const shown = { id, status, agent, target, purpose, createdAt };
  return reason === undefined ? shown : { ...shown, reason };
}
