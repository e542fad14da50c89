import { Socket } from 'node:net';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { seeded } from '../stress/seeded.ts';
import { randomRun } from './support/random-runs.ts';
import { replayed } from './support/replaying.ts';

/** Transactions, most of them with a run of their own. */
const TRANSACTIONS = Number(process.env['RUNS'] ?? 1000);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const HAPPENINGS = 12;
const TEST_MS_MAX = 240_000;

const connect = jest.spyOn(Socket.prototype, 'connect');
beforeAll(() => {
  process.stderr.write(`replay of random transactions: seed ${SEED}\n`);
  connect.mockImplementation(() => {
    throw new Error('a replay reaches nobody');
  });
});
afterAll(() => connect.mockRestore());

test(
  'random transactions replay to the same leaves',
  async () => {
    const random = seeded(SEED);
    const seen = new Map<string, number>();
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    let transactions = 0;
    let records = 0;
    while (transactions < TRANSACTIONS) {
      const { world, ids, happening } = await randomRun(random);
      for (const id of ids) {
        const replay = await replayed(world.ports, id);
        const { status, nextSeq } = await world.load(id);
        const seals = await world.ports.store.seals(`tx:${id}`);

        expect({ happening, divergence: replay.divergence }).toEqual({ happening });
        expect(replay).toMatchObject({ ok: true, records: nextSeq });
        expect(replay.seals).toBe(seals.length);
        transactions += 1;
        records += replay.records;
        count(status);
      }
      count(happening);
      world.close();
    }
    const told = [...seen].map(([what, many]) => `${what} ${many}`).join(', ');
    process.stderr.write(`replayed ${transactions} transactions, ${records} records: ${told}\n`);

    expect(connect).not.toHaveBeenCalled();
    // Every status and every happening was among them.
    for (const status of ['committed', 'rejected', 'compensated', 'stuck', 'parked'])
      expect([...seen.keys()]).toContain(status);
    expect(seen.size).toBeGreaterThan(HAPPENINGS + 4);
  },
  TEST_MS_MAX,
);
