import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dataFolderAt } from '../../adapters/embedded/data-folder.ts';
import { openReplayer } from '../../adapters/embedded/replayer.ts';
import { bundleOf } from '../../api/view/bundle-of.ts';
import { fileNameOf, salvage } from '../../cli/salvage.ts';
import { trustOf } from '../../cli/trust.ts';
import { type Bundle, bundleBytes, parseBundle } from '../../core/evidence/index.ts';
import { inFolder, scratchFolder } from './cli-folder.ts';
import { rootsOf, zeroPage } from './support/damage.ts';
import { goOn } from './support/log-folder.ts';

const scratch = scratchFolder();
const whole = join(scratch, 'whole');
const originals = new Map<string, Bundle>();
beforeAll(async () => {
  await goOn(whole, 'detach-legacy', 'trim-portal');
  await inFolder({ data: whole }, async ({ ports, log, contents: kept }) => {
    const { contents } = openReplayer(kept);
    for (const id of await ports.store.streams())
      originals.set(id, await bundleOf({ ...ports, log, contents }, id));
  });
});
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** What is salvaged of a copy of the folder whose tables have lost their first pages. */
async function salvageWithout(...tables: readonly string[]) {
  const folder = fs.mkdtempSync(join(scratch, 'copy-'));
  fs.cpSync(whole, folder, { recursive: true });
  const { store } = dataFolderAt(folder);
  for (const table of tables) for (const root of rootsOf(whole, table)) zeroPage(store, root);
  const out = join(folder, 'salvaged');
  const report = await salvage({
    folder: dataFolderAt(folder),
    out,
    trust: trustOf(folder, {}),
    onProgress: () => () => undefined,
  });
  const bytesOf = (id: string) => fs.readFileSync(join(out, fileNameOf(id)));
  return { report, bytes: new Map([...originals.keys()].map((id) => [id, bytesOf(id)])) };
}

describe('a salvage', () => {
  test('makes the hashes of the log anew of its entries', async () => {
    const { report, bytes } = await salvageWithout('log_nodes');

    expect(report).toMatchObject({ ok: false, valid: 2, damagedCount: 0 });
    for (const [id, bundle] of originals)
      expect(bytes.get(id)?.equals(bundleBytes(bundle))).toBe(true);
  });

  test('needs no policy set, context or entities, and is then without', async () => {
    const { report, bytes } = await salvageWithout('contents');

    expect(report).toMatchObject({ ok: false, valid: 2, damagedCount: 0 });
    for (const [id, bundle] of originals)
      expect(parseBundle(bytes.get(id) ?? Buffer.of())).toEqual(
        parseBundle(bundleBytes({ ...bundle, contents: {} })),
      );
  });

  test.each(['log_heads', 'log_entries'])(
    'exports what is left without the log that has lost its %s',
    async (table) => {
      const { report, bytes } = await salvageWithout(table);

      expect(report).toMatchObject({ ok: false, exported: originals.size, valid: 0 });
      for (const [id, { records, seals }] of originals) {
        const found = parseBundle(bytes.get(id) ?? Buffer.of());
        expect(found).toMatchObject({ seals, contents: expect.anything() });
        expect(found.log).toBeUndefined();
        expect(found.records.map((one) => Buffer.from(one))).toEqual(
          records.map((one) => Buffer.from(one)),
        );
      }
    },
  );
});
