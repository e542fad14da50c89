import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dataFolderAt } from '../../adapters/embedded/data-folder.ts';
import { openReplayer } from '../../adapters/embedded/replayer.ts';
import { problemsOf } from '../../adapters/embedded/store-check.ts';
import { bundleOf } from '../../api/view/bundle-of.ts';
import { detailOf } from '../../api/view/detail.ts';
import { openMillionWorld, planAt } from '../../bench/million-world.ts';
import { examine } from '../../cli/doctor/examine.ts';
import { Salvaged } from '../../cli/json-shapes.ts';
import { openExisting } from '../../cli/open.ts';
import { fileNameOf, salvage } from '../../cli/salvage.ts';
import { trustOf } from '../../cli/trust.ts';
import { holdsSoFar, verifyStore, verifyStream } from '../../cli/verify-store.ts';
import { type Bundle, bundleBytes, parseBundle, verifyBundle } from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import { propose } from '../../core/tasks/propose.ts';
import { seeded } from '../stress/seeded.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';
import { damageAt, pagesOfStreams, refusalOf, rootsOf, zeroPage } from './support/damage.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const TRANSACTIONS = 12;
const ACTOR = 'agent:iam-auditor';
/** `THOROUGH=1` tries more places, and every root; otherwise the seed says which. */
const isThorough = process.env['THOROUGH'] === '1';
const DAMAGES = isThorough ? 28 : 4;
const LOG_DAMAGES = isThorough ? 8 : 2;
const ROOTS_APART = 16;
const PARTS = isThorough ? [...Array(ROOTS_APART).keys()] : [SEED % ROOTS_APART];

const scratch = fs.mkdtempSync(join(os.tmpdir(), 'interlock-damaged-'));
const whole = join(scratch, 'whole');
/** The same store as it stands while a process has it open: most of it is in the log. */
const open = join(scratch, 'open');
const originals = new Map<string, Uint8Array>();
let pagesOf: ReturnType<typeof pagesOfStreams>;

beforeAll(async () => {
  console.info(`seed ${SEED}`);
  const plane = openMillionWorld(whole, TRANSACTIONS);
  const { ports, log } = plane;
  const run = async (index: number) => {
    const proposal = { plan: planAt(index), idempotencyKey: `${index}`, actor: ACTOR };
    await plane.run((await propose(ports, proposal)).transaction);
  };
  await Promise.all(Array.from({ length: TRANSACTIONS }, (_, index) => run(index)));
  await log.sequence('wait');
  const { contents } = openReplayer(plane.contents);
  for (const id of await ports.store.streams())
    originals.set(id, bundleBytes(await bundleOf({ ...ports, log, contents }, id)));
  fs.cpSync(whole, open, { recursive: true });
  plane.close();
  pagesOf = pagesOfStreams(whole);
});
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** A copy of a data folder with something damaged in it. */
function damagedCopy(of: string, damage: (folder: string) => void, name = 'copy-'): string {
  const copy = fs.mkdtempSync(join(scratch, name));
  fs.cpSync(of, copy, { recursive: true });
  damage(copy);
  return copy;
}

async function salvageOf(folder: string) {
  const out = join(folder, 'salvaged');
  const report = await salvage({
    folder: dataFolderAt(folder),
    out,
    trust: trustOf(folder, {}),
    onProgress: () => () => undefined,
  });
  const exported = new Map<string, Uint8Array>();
  for (const streamId of originals.keys()) {
    const file = join(out, fileNameOf(streamId));
    if (fs.existsSync(file)) exported.set(streamId, fs.readFileSync(file));
  }
  return { report, exported };
}

/** Records and seals; what a damaged log can show of them may be less. */
function requireOriginal(streamId: string, { records, seals }: Bundle): void {
  const original = parseBundle(originals.get(streamId) ?? Buffer.of());
  expect(seals).toEqual(original.seals);
  expect(records.map((one) => Buffer.from(one))).toEqual(
    original.records.map((one) => Buffer.from(one)),
  );
}

/** What no damage may bring about: a stream that is valid and not the one that was written. Returns
 * what was salvaged before anything opened the store. */
async function requireTruth(folder: string): ReturnType<typeof salvageOf> {
  const trust = trustOf(folder, {});
  const salvaged = await salvageOf(folder);
  const { report, exported } = salvaged;
  for (const [streamId, bytes] of exported) {
    const bundle = parseBundle(bytes);
    if (holdsSoFar(verifyBundle(nodeCrypto, bundle, trust))) requireOriginal(streamId, bundle);
  }
  // A log that is cut off is as after a crash: an earlier state of the store, and whole.
  const isEarlier = folder.includes('log-');
  if (exported.size < originals.size && !isEarlier) expect(report.ok).toBe(false);
  const damage = problemsOf(join(folder, 'interlock.db'));
  const code = await refusalOf(async () => {
    const plane = openExisting({ data: folder });
    try {
      const parts = { ...plane.ports, log: plane.log };
      for (const streamId of originals.keys())
        if (holdsSoFar(await verifyStream(parts, streamId, trust)))
          requireOriginal(streamId, await bundleOf(parts, streamId));
      const all = await verifyStore(plane, { trust, damage, onProgress: () => () => undefined });
      const transactions = originals.size - 1;
      if (all.ok && !isEarlier)
        expect([all.checked, all.valid]).toEqual([transactions, transactions]);
      for (const one of (await plane.ports.store.list({ limit: 100 })).transactions)
        await detailOf(plane.ports.store, one);
    } finally {
      plane.close();
    }
  });
  expect(code).not.toBe('unexpected');
  expect(code).not.toBe('invariant');
  return salvaged;
}

const shares = (count: number, seed: number) => {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, kind) => damageAt(random, kind));
};

describe('A damaged store', () => {
  test('that is whole is exported byte for byte', async () => {
    const { report, exported } = await salvageOf(damagedCopy(whole, () => undefined));

    expect(report).toMatchObject({ ok: true, damage: [], damagedCount: 0 });
    expect(exported).toEqual(new Map([...originals].map(([id, one]) => [id, Buffer.from(one)])));
  });

  test.each(shares(DAMAGES, SEED))('$name: what it did not touch is exported', async (damage) => {
    let touched: readonly number[] = [];
    const folder = damagedCopy(whole, (copy) => {
      touched = damage.apply(join(copy, 'interlock.db'));
    });

    const { exported } = await requireTruth(folder);

    for (const [streamId, pages] of pagesOf) {
      if (touched.some((page) => pages.has(page))) continue;
      requireOriginal(streamId, parseBundle(exported.get(streamId) ?? Buffer.of()));
    }
  });

  test.each(shares(LOG_DAMAGES, SEED + 1))(
    'in its log, $name: nothing false is valid',
    async (damage) => {
      const folder = damagedCopy(
        open,
        (copy) => damage.apply(join(copy, 'interlock.db-wal')),
        'log-',
      );

      await requireTruth(folder);
    },
  );

  test('is read with its log, and a frame that is damaged there is named', async () => {
    const copy = damagedCopy(open, () => undefined);
    const { exported } = await salvageOf(copy);
    const folder = damagedCopy(open, (copied) => {
      const file = join(copied, 'interlock.db-wal');
      const bytes = fs.readFileSync(file);
      bytes[bytes.length >> 1] = ~(bytes[bytes.length >> 1] ?? 0);
      fs.writeFileSync(file, bytes);
    });
    const { report } = await salvageOf(folder);

    expect(exported).toEqual(new Map([...originals].map(([id, one]) => [id, Buffer.from(one)])));
    expect(report.ok).toBe(false);
    expect(report.damage).toEqual([
      expect.stringMatching(/^frame \d+ of \d+ of the log \(-wal\) is damaged; .* of \d+ whole/),
    ]);
  });

  // In parts, for there are forty, and each store is salvaged and verified.
  test.each(PARTS)(
    'needs neither its first page nor the root of a table or an index: part %i',
    async (part) => {
      const roots = rootsOf(whole);
      expect(roots.length).toBeGreaterThan(30);

      for (const root of roots.filter((_, index) => index % ROOTS_APART === part)) {
        const folder = damagedCopy(whole, (copy) => zeroPage(join(copy, 'interlock.db'), root));
        const { exported, report } = await requireTruth(folder);
        const needed = [...pagesOf].filter(([, pages]) => pages.has(root));
        expect(exported.size).toBeGreaterThanOrEqual(originals.size - needed.length);
        expect(report.ok).toBe(false);
      }
    },
  );

  test('is refused by name on the command line, and what is left comes out', async () => {
    const folder = damagedCopy(whole, (copy) => {
      const [records = 0] = rootsOf(whole, 'records');
      zeroPage(join(copy, 'interlock.db'), records);
    });
    const [, id = ''] = [...originals.keys()].map((streamId) => streamId.replace('tx:', ''));
    const on = (...args: string[]) => interlock([...args, '--data', folder, '--json']);

    const list = await on('tx', 'list');
    const show = await on('tx', 'show', id);
    const verify = await on('evidence', 'verify', '--all');
    const out = join(folder, 'salvaged');
    const salvaged = await interlockJson(Salvaged, [
      ...['evidence', 'salvage', '--out', out, '--data', folder],
    ]);
    const one = await on('evidence', 'verify', join(out, `${id}.json`));

    expect(list.code).toBe(0);
    expect([show.code, errorOf(show).code]).toEqual([1, 'store-damaged']);
    expect(errorOf(show).message).toContain(`the records of \`tx:${id}\` cannot be read`);
    expect(errorOf(show).hint).toContain('interlock evidence salvage');
    expect(verify.code).toBe(6);
    expect(JSON.parse(verify.stdout)).toMatchObject({
      ok: false,
      damage: expect.arrayContaining([expect.stringContaining('records')]),
    });
    expect(salvaged).toMatchObject({ code: 6, value: { exported: originals.size } });
    expect(one.code).toBe(0);
    for (const { stderr } of [show, verify]) expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('is named by the doctor, which goes on with the rest', async () => {
    const folder = damagedCopy(whole, (copy) => {
      const file = join(copy, 'interlock.db');
      fs.truncateSync(file, fs.statSync(file).size - 3 * 4096);
    });

    const checks = await examine(folder);

    const file = checks.find(({ name }) => name === 'store file');
    expect(file).toMatchObject({
      level: 'fail',
      message: expect.stringMatching(/cut off: it has/),
    });
    expect(checks.find(({ name }) => name === 'account file')).toMatchObject({ level: 'ok' });
  });
});
