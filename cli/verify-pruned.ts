import type { z } from 'zod';
import type { PrunedStream } from '../adapters/embedded/retention.ts';
import { isUnreadable, StoreDamagedError } from '../core/errors.ts';
import { type EvidenceRecord, parseRecord } from '../core/evidence/index.ts';
import type { EvidenceOfAll } from './json-shapes.ts';
import type { LocalControlPlane } from './open.ts';

type Report = z.infer<typeof EvidenceOfAll>['pruned'];
type Plane = Pick<LocalControlPlane, 'ports' | 'log' | 'retention'>;
type Store = LocalControlPlane['ports']['store'];

/** Pruned streams of one read. */
const PAGE = 500;
/** Problems that a report tells, at most. */
const PROBLEMS_MAX = 1000;

/**
 * Holds what the store says was pruned to the records that say so: who takes records away and calls
 * it pruning has no such record in a control stream, which is sealed. The seals of what was pruned
 * stay, and whether they are those of the log is for the check of the log.
 */
export async function verifyPruned(plane: Plane): Promise<Report> {
  const problems: string[] = [];
  const sums = { streams: 0, records: 0 };
  try {
    let told: ReadonlyMap<string, Told> | undefined;
    for (const one of allPruned(plane)) {
      told ??= await toldOf(plane.ports.store);
      const problem = problemOf(one, told.get(one.streamId), await isLogged(plane, one));
      if (problem !== undefined && problems.length < PROBLEMS_MAX) problems.push(problem);
      sums.streams += 1;
      sums.records += one.records;
    }
  } catch (error) {
    if (!(error instanceof StoreDamagedError)) throw error;
    problems.push(error.message);
  }
  return { ...sums, problems };
}

function* allPruned({ retention }: Plane): Generator<PrunedStream> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: readonly PrunedStream[] = retention.pruned({ after, limit: PAGE });
    yield* page;
    after = page.at(-1)?.streamId;
  }
}

/** Whether the log has the seal of all its records. */
async function isLogged(
  { ports, log }: Plane,
  { streamId, records }: PrunedStream,
): Promise<boolean> {
  const last = (await ports.store.seals(streamId)).at(-1);
  return (
    last?.treeSize === records && (await log.store.positionOf(streamId, records)) !== undefined
  );
}

function problemOf(
  { streamId, records, archiveDigest }: PrunedStream,
  told: Told | undefined,
  hasSeal: boolean,
): string | undefined {
  if (told === undefined)
    return `\`${streamId}\` is not in the store, and no record tells that it was pruned`;
  if (told.records !== records || told.archiveDigest !== archiveDigest)
    return `\`${streamId}\` was pruned otherwise than its record tells`;
  return hasSeal ? undefined : `\`${streamId}\` was pruned, and the log has no seal of all of it`;
}

/** What the record of a pruning says of one stream. */
type Told = Pick<PrunedStream, 'records' | 'archiveDigest'>;

/** By stream; what cannot be read tells nothing, and is reported where streams are verified. */
async function toldOf(store: Store): Promise<ReadonlyMap<string, Told>> {
  const told = new Map<string, Told>();
  for (const streamId of await store.streams())
    if (streamId.startsWith('control:'))
      for (const { kind, data } of await readable(store, streamId))
        if (kind === 'evidence-pruned')
          for (const one of data['streams'] as unknown as readonly PrunedStream[])
            told.set(one.streamId, one);
  return told;
}

async function readable(store: Store, streamId: string): Promise<readonly EvidenceRecord[]> {
  try {
    return (await store.records(streamId)).map(parseRecord);
  } catch (error) {
    if (isUnreadable(error)) return [];
    throw error;
  }
}
