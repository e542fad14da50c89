import { expect, test } from '@jest/globals';
import {
  type EvidenceRecord,
  type Observation,
  parseRecord,
  recordBytes,
} from '../../core/evidence/record.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { recordedOf } from '../../core/replay/recorded.ts';
import { replay } from '../../core/replay/replay.ts';
import { seeded } from '../stress/seeded.ts';
import { randomRun } from './support/random-runs.ts';
import { PROTOCOL, partsOf } from './support/replaying.ts';

const RUNS = 6;
const TEST_MS_MAX = 240_000;

/** Another answer of the same form. */
function other({ port, answer }: Observation): Json {
  switch (port) {
    case 'clock.now':
      // Late enough to matter where time does: for deadlines, expiry and what is written down.
      return (answer as number) + 1;
    case 'kill-switch.effective':
      return answer === 'halt' ? 'running' : 'halt';
    case 'decision-point.decide':
      return { ...(answer as JsonObject), answer: flipped(answer as JsonObject) };
    case 'timing':
      return { ...(answer as JsonObject), effectMs: 1 };
    default:
      return changed(answer);
  }
}

function flipped({ answer }: JsonObject): string {
  return answer === 'allow' ? 'deny' : 'allow';
}

/** The same value, but for the first text in it. */
function changed(value: Json): Json {
  if (typeof value === 'string') return `${value}x`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  const [entry] = Object.entries(value);
  if (entry === undefined) return Array.isArray(value) ? ['x'] : { x: 'x' };
  const copy = structuredClone(value) as Record<string, Json>;
  copy[entry[0]] = changed(entry[1] as Json);
  return copy;
}

test(
  'a recorded answer that was changed is named',
  async () => {
    const random = seeded(7);
    const counts = { named: 0, sealed: 0 };
    const bySeal = new Map<string, number>();
    const unnoticed: string[] = [];
    const elsewhere: string[] = [];
    for (let runs = 0; runs < RUNS; runs += 1) {
      const { world, ids } = await randomRun(random);
      const parts = partsOf(world.ports);
      for (const id of ids) {
        const recorded = await recordedOf(world.ports.store, id);
        for (const [seq, bytes] of recorded.records.entries()) {
          const record = parseRecord(bytes);
          for (const [index, observation] of record.observations.entries()) {
            const observations = record.observations.with(index, {
              ...observation,
              answer: other(observation),
            });
            const forged: EvidenceRecord = { ...record, observations };
            const records = recorded.records.with(seq, recordBytes(forged));

            const { ok, divergence } = await replay(parts, PROTOCOL, { ...recorded, records });

            const what = `${record.kind} ${observation.port}`;
            if (ok) unnoticed.push(what);
            // One write has one time, which its last record is told.
            else if (divergence?.seq === seq || divergence?.field === 'at') counts.named += 1;
            else if (divergence?.message.includes('seal')) {
              counts.sealed += 1;
              bySeal.set(what, (bySeal.get(what) ?? 0) + 1);
            } else elsewhere.push(`${what}: record ${divergence?.seq} for ${seq}`);
          }
        }
      }
      world.close();
    }
    const total = counts.named + counts.sealed + elsewhere.length + unnoticed.length;
    process.stderr.write(
      `changed answers: ${counts.named} of ${total} named by record, ${counts.sealed} by the seal ` +
        `(${[...bySeal].map(([what, many]) => `${what} ${many}`).join(', ')}), ` +
        `elsewhere ${elsewhere.length}, unnoticed ${unnoticed.length}\n`,
    );
    expect(unnoticed).toEqual([]);
    expect(elsewhere).toEqual([]);
    // What decided nothing and is written down nowhere else shows in the root that was signed.
    expect(counts.named).toBeGreaterThan(counts.sealed);
  },
  TEST_MS_MAX,
);
