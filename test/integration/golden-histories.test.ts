import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openReplayer } from '../../adapters/embedded/replayer.ts';
import { bundleOf } from '../../api/view/bundle-of.ts';
import {
  bundleBytes,
  parseBundle,
  parseRecord,
  TRANSACTION_RECORD_KINDS,
  verifyBundle,
} from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import { streamOf } from '../../core/transaction.ts';
import { seeded } from '../stress/seeded.ts';
import { randomRun } from './support/random-runs.ts';

// Bundles of transactions as releases have written them. A change of the code that does otherwise on
// the same answers breaks one of these: then the version of an action goes up, or the change is
// wrong. Files are added (`ADD_HISTORIES=NAME npx jest test/integration/golden-histories`), never
// changed.
const FOLDER = join(import.meta.dirname, '../vectors/histories');
/** All that there are. */
const KINDS = TRANSACTION_RECORD_KINDS.length;
const RUNS = 300;

const files = existsSync(FOLDER) ? readdirSync(FOLDER).sort() : [];
const read = (file: string) => parseBundle(readFileSync(join(FOLDER, file)));

interface Told {
  readonly kinds: ReadonlySet<string>;
  readonly bytes: Uint8Array;
}

/** Of each happening the run that tells the most kinds of records, and the first of each kind. */
async function addHistories(name: string): Promise<void> {
  const random = seeded(2026);
  const chosen = new Map<string, Told>();
  const known = new Set<string>();
  for (let runs = 0; runs < RUNS; runs += 1) {
    const { world, ids, happening } = await randomRun(random);
    await world.sequence();
    const { contents } = openReplayer(world.controlPlane.contents);
    const { log } = world.controlPlane;
    for (const id of ids) {
      const kinds = new Set((await world.records(id)).map(({ kind }) => kind));
      const news = [...kinds].filter((kind) => !known.has(kind));
      if (news.length === 0 && kinds.size <= (chosen.get(happening)?.kinds.size ?? 0)) continue;
      for (const kind of news) known.add(kind);
      const bundle = await bundleOf({ ...world.ports, log, contents }, streamOf(id));
      const told = { kinds, bytes: bundleBytes(bundle) };
      chosen.set(happening, told);
      if (runs > 0 && news.length > 0) chosen.set(`first ${news.join(' ')}`, told);
    }
    world.close();
  }
  for (const [what, { bytes }] of chosen) {
    const slug = what.replace(/[^a-z]+/g, '-');
    writeFileSync(join(FOLDER, `${name}-${slug}.bundle`), bytes, { flag: 'wx' });
  }
}

const adding = process.env['ADD_HISTORIES'];
if (adding === undefined) {
  test.each(files)('%s replays to the same leaves, and verifies', async (file) => {
    const bundle = read(file);
    const find = async (digest: string) => {
      const bytes = bundle.contents[digest];
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    };

    const replay = await openReplayer({ find }).replay(bundle);
    const { integrity, signer, outcome } = verifyBundle(nodeCrypto, bundle, {
      ...{ trustedKeyIds: [], trustEmbeddedKey: true },
    });

    expect(replay.divergence).toBeUndefined();
    expect(replay).toMatchObject({
      ok: true,
      records: bundle.records.length,
      seals: bundle.seals.length,
    });
    expect([integrity.ok, signer.ok]).toEqual([true, true]);
    expect(outcome.ok).not.toBe(false);
  });

  test('the histories tell of every kind of record', () => {
    const kinds = files.flatMap((file) =>
      read(file).records.map((bytes) => parseRecord(bytes).kind),
    );

    expect(files.length).toBeGreaterThan(10);
    expect(new Set(kinds).size).toBe(KINDS);
  });
} else {
  test('histories are added', () => addHistories(adding), 240_000);
}
