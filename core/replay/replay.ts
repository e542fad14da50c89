import { InterlockError, InvalidInputError, ReplayError } from '../errors.ts';
import type { Envelope } from '../evidence/envelope.ts';
import { type EvidenceRecord, parseRecord, TRANSACTION_PREFIX } from '../evidence/record.ts';
import type { Answer } from '../ports/decision-point.ts';
import { propose } from '../tasks/propose.ts';
import { isAct, performAct } from './acts.ts';
import type { Divergence } from './divergence.ts';
import { type Protocol, replayExecution, type Stage, sealNext } from './execution.ts';
import { memoryStore } from './memory-store.ts';
import { recordedError } from './recorded-error.ts';
import { type ReplayParts, replayPorts } from './replay-ports.ts';
import { openScript, type Script } from './script.ts';
import { openSealing } from './sealing.ts';

/** A transaction's evidence, as far as its replay needs it. */
export interface Recorded {
  readonly streamId: string;
  readonly records: readonly Uint8Array[];
  readonly seals: readonly Envelope[];
}

/** What came of a replay. */
export interface Replay {
  /** True only if every record and every seal's statement came out the same, byte for byte. */
  readonly ok: boolean;
  /** How many records came out the same. */
  readonly records: number;
  /** How many statements of seals did. */
  readonly seals: number;
  readonly executions: number;
  /** Present exactly when `ok` is false. */
  readonly divergence?: Divergence;
}

/**
 * Runs a transaction again, every task of it, on the recorded answers alone, and compares what it
 * writes with what was recorded. It reaches nobody: no clock, no target, no store; decisions are
 * made anew on their inputs. Throws `InvalidInputError` (`not-a-transaction`), `NotFoundError` for
 * a policy set that is not at hand, `EvidenceError` for records that are none.
 */
export async function replay(
  parts: ReplayParts,
  protocol: Protocol,
  { streamId, records: bytes, seals }: Recorded,
): Promise<Replay> {
  const records = requireTransaction(parts, { streamId, records: bytes });
  const script = openScript(records, bytes);
  const store = memoryStore({
    judge: () => refuseAsRecorded(script),
    write: (written) => script.write(written),
    written: (fromSeq) => script.written(fromSeq),
  });
  const sealing = openSealing(seals);
  const ports = replayPorts(parts, script, store);
  const stage = { protocol, ports, script, store, sealing, hasLeft: () => false };
  const { executions, divergence } = await runAll(stage);
  const found = divergence ?? sealing.missing(script.position());
  const counts = { records: script.position(), seals: sealing.made(), executions };
  return found === undefined
    ? { ok: true, ...counts }
    : { ok: false, ...counts, divergence: found };
}

/** The records of a transaction whose policy sets are at hand. Throws as `replay` does. */
export function requireTransaction(
  parts: ReplayParts,
  { streamId, records: bytes }: Pick<Recorded, 'streamId' | 'records'>,
): readonly EvidenceRecord[] {
  if (!streamId.startsWith(TRANSACTION_PREFIX))
    throw new InvalidInputError('not-a-transaction', `\`${streamId}\` is no transaction`, {
      hint: 'only a transaction has run and can run again',
    });
  const records = bytes.map(parseRecord);
  for (const digest of policySetsOf(records)) parts.decisionPoint(digest);
  return records;
}

/** The policy sets that a transaction was decided under, in the order in which it met them. */
export function policySetsOf(records: readonly EvidenceRecord[]): readonly string[] {
  const answers = records.flatMap(({ observations }) =>
    observations.filter(({ port }) => port === 'decision-point.decide'),
  );
  return [...new Set(answers.map(({ answer }) => (answer as unknown as Answer).policySetDigest))];
}

async function runAll(
  stage: Stage,
): Promise<{ readonly executions: number; readonly divergence?: Divergence }> {
  let executions = 0;
  try {
    await play(stage, () => {
      executions += 1;
    });
    return { executions };
  } catch (error) {
    return { executions, divergence: divergenceOf(stage.script, error) };
  }
}

/**
 * Runs all that the records tell of, until it leaves them. Throws `ReplayError` where it does
 * otherwise than was recorded.
 */
export async function play(stage: Stage, onExecution: () => void): Promise<void> {
  const { script, store, hasLeft } = stage;
  await proposeAgain(stage);
  for (let next = script.next(); next !== undefined && !hasLeft(); next = script.next()) {
    const before = script.position();
    if (isAct(next)) {
      await actAgain(stage, next);
    } else {
      store.enter(next.epoch);
      onExecution();
      await replayExecution(stage);
    }
    if (hasLeft()) return;
    // An execution that wrote nothing may have sealed all the same.
    await sealNext(stage);
    if (script.position() === before) throw new ReplayError(`nothing writes \`${next.kind}\``);
  }
}

async function proposeAgain({ ports, script }: Stage): Promise<void> {
  const first = script.next();
  if (first?.kind !== 'proposed') throw new ReplayError('does not begin with `proposed`');
  script.begin(first.epoch);
  const { plan, undoOf } = first.data;
  const proposal = { plan, actor: first.actor, idempotencyKey: 'replay' };
  await propose(ports, undoOf === undefined ? proposal : { ...proposal, undoOf: undoOf as string });
}

async function actAgain({ ports, script, store }: Stage, record: EvidenceRecord): Promise<void> {
  if (record.epoch > store.row().epoch) store.enter(record.epoch);
  script.begin(record.epoch);
  await performAct(ports, store.row(), record);
}

/** What the store refused then it refuses again. */
export function refuseAsRecorded(script: Script): void {
  const error = recordedError(script.answerOf('store.change'));
  if (error !== undefined) throw error;
}

/** Where and why a replay did otherwise than was recorded. */
export function divergenceOf(script: Script, error: unknown): Divergence {
  const found = error instanceof ReplayError ? script.divergence() : undefined;
  if (found !== undefined) return found;
  if (!(error instanceof ReplayError || error instanceof InterlockError)) throw error;
  return { seq: script.position(), field: '', message: error.message };
}
