import { EvidenceError } from '../../core/errors.ts';
import type { EvidenceRecord } from '../../core/evidence/index.ts';
import { bundleBytes } from '../../core/evidence/index.ts';
import type { JsonObject } from '../../core/json.ts';
import { seeded } from '../stress/seeded.ts';
import type { Draft } from '../unit/evidence/support/draft.ts';
import { bundleOf, testKey } from '../unit/evidence/support/draft.ts';
import { changedValues } from '../unit/evidence/support/value-mutations.ts';
import type { NamedFile } from './python.ts';

const STATUSES = ['committed', 'rejected', 'compensated', 'stuck', 'running'] as const;
const TRUST = { trustedKeyIds: [testKey.keyId] };

/** A stream told otherwise, before it is sealed. */
interface Retold {
  readonly name: string;
  readonly draft: Draft;
}

/**
 * Files in which the key's owner tells another story than the draft's, and seals it: one thing
 * changed in each, and `pairs` times two things at random. Their signatures are true; what they
 * tell may contradict itself, or not.
 */
export function retoldOf(what: string, draft: Draft, random: { seed: number; pairs: number }) {
  const changes = [...changesOf(draft)];
  const next = seeded(random.seed);
  const pairs = Array.from({ length: random.pairs }, (): Retold => {
    const first = changes[Math.floor(next() * changes.length)] as Retold;
    const seconds = [...changesOf(first.draft)];
    const second = seconds[Math.floor(next() * seconds.length)] as Retold;
    return { name: `${first.name}, ${second.name}`, draft: second.draft };
  });
  return [...changes, ...pairs].flatMap((one) => sealed(what, one));
}

/** What no record can say is not sealed. */
function sealed(what: string, { name, draft }: Retold): readonly NamedFile[] {
  try {
    const bytes = bundleBytes(bundleOf(draft));
    return [{ name: `${what}: ${name}`, bytes, trust: TRUST }];
  } catch (error) {
    if (error instanceof EvidenceError) return [];
    throw error;
  }
}

function* changesOf(draft: Draft): Generator<Retold> {
  for (const { name, records } of listChanges(draft.records)) {
    yield { name, draft: { ...draft, records: records.map((one, seq) => ({ ...one, seq })) } };
  }
  yield* endingsOf(draft);
  for (const [index, seal] of draft.seals.entries()) {
    for (const status of STATUSES.filter((one) => one !== seal.status)) {
      const seals = draft.seals.with(index, { ...seal, status });
      yield { name: `seal ${index} says ${status}`, draft: { ...draft, seals } };
    }
    const seals = draft.seals.with(index, { ...seal, uncovered: seal.uncovered + 1 });
    yield { name: `seal ${index} a record earlier`, draft: { ...draft, seals } };
  }
}

/** The outcome and the seals that state it say the same, and another than the records lead to. */
function* endingsOf(draft: Draft): Generator<Retold> {
  const ending = draft.records.find((one) => one.kind === 'outcome');
  if (ending === undefined) return;
  for (const status of STATUSES.filter((one) => one !== 'running')) {
    const outcome = { ...ending, data: { ...ending.data, status } };
    const seals = draft.seals.map((seal) =>
      seal.status === ending.data['status'] ? { ...seal, status } : seal,
    );
    const records = draft.records.map((one) => (one === ending ? outcome : one));
    yield { name: `ends as ${status}`, draft: { ...draft, records, seals } };
  }
}

interface Changed {
  readonly name: string;
  readonly records: readonly EvidenceRecord[];
}

function* listChanges(records: readonly EvidenceRecord[]): Generator<Changed> {
  for (const [index, record] of records.entries()) {
    const place = `${record.kind} ${index}`;
    const others = records.toSpliced(index, 1);
    yield { name: `${place} dropped`, records: others };
    yield { name: `${place} begins an execution`, records: nextEpochFrom(records, index) };
    yield { name: `${place} doubled`, records: records.toSpliced(index, 0, record) };
    for (let to = 0; to <= others.length; to += 2) {
      if (to === index) continue;
      const epoch = others[Math.max(0, to - 1)]?.epoch ?? record.epoch;
      const moved = others.toSpliced(to, 0, { ...record, epoch });
      yield { name: `${place} moved to ${to}`, records: moved };
    }
    for (const { name, changed } of recordChanges(record, records)) {
      yield { name: `${place} ${name}`, records: records.with(index, changed) };
    }
  }
}

/** As if another execution had begun with a record. */
function nextEpochFrom(
  records: readonly EvidenceRecord[],
  from: number,
): readonly EvidenceRecord[] {
  return records.map((one, seq) => (seq < from ? one : { ...one, epoch: one.epoch + 1 }));
}

function* recordChanges(
  record: EvidenceRecord,
  records: readonly EvidenceRecord[],
): Generator<{ readonly name: string; readonly changed: EvidenceRecord }> {
  for (const { name, value } of changedValues(record.data)) {
    yield { name, changed: { ...record, data: value as JsonObject } };
  }
  const { stepIndex, attempt, ...placeless } = record;
  if (stepIndex !== undefined) {
    yield { name: 'of the next step', changed: { ...record, stepIndex: stepIndex + 1 } };
    const attempted = attempt === undefined ? {} : { attempt };
    yield { name: 'of no step', changed: { ...placeless, ...attempted } };
  }
  if (attempt !== undefined) {
    yield { name: 'of the next attempt', changed: { ...record, attempt: attempt + 1 } };
    yield {
      name: 'of no attempt',
      changed: { ...placeless, ...(stepIndex === undefined ? {} : { stepIndex }) },
    };
  }
  for (const actor of ['operator:mallory', records[0]?.actor ?? 'control-plane']) {
    yield { name: `by ${actor}`, changed: { ...record, actor } };
    const data = { ...record.data, by: actor };
    yield { name: `by ${actor}, and says so`, changed: { ...record, actor, data } };
  }
  yield { name: 'of the year 2000', changed: { ...record, at: '2000-01-01T00:00:00.000Z' } };
  yield { name: 'of the year 2100', changed: { ...record, at: '2100-01-01T00:00:00.000Z' } };
  for (const kind of new Set([
    ...records.map((one) => one.kind),
    'unheard-of',
    'parked',
    'resumed',
  ]))
    if (kind !== record.kind) yield { name: `told as ${kind}`, changed: { ...record, kind } };
}
