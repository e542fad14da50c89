import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Exported, Proposed } from '../../cli/json-shapes.ts';
import { inFolder, planFile, proposeIn, scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';

const scratch = scratchFolder();
const data = join(scratch, 'data');
const on = (...args: string[]) => [...args, '--data', data];
const exporting = (id: string, format: string, file: string) =>
  on('tx', 'export', id, '--format', format, '--out', join(scratch, file));
const written = (file: string) => fs.readFileSync(join(scratch, file), 'utf8');

beforeAll(() => inFolder({ data }, async () => undefined));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

test('`--format dsse` writes the last seal of the bundle, and nothing else', async () => {
  const plan = planFile('detach-legacy');
  const { value: proposed } = await interlockJson(Proposed, on('tx', 'propose', plan));
  const { id } = proposed.transaction;

  const dsse = await interlockJson(Exported, exporting(id, 'dsse', 'dsse.json'));
  const whole = await interlockJson(Exported, exporting(id, 'bundle', 'bundle.json'));

  const { seals } = JSON.parse(written('bundle.json')) as { readonly seals: readonly object[] };
  expect(JSON.parse(written('dsse.json'))).toEqual(seals.at(-1));
  expect(written('dsse.json').endsWith('}\n')).toBe(true);
  expect(dsse.value.bytes).toBe(written('dsse.json').length);
  expect(dsse.value.records).toBe(whole.value.records);
});

test('what has no seal, and a format that is none, are refused and write nothing', async () => {
  const { id } = await inFolder({ data }, (controlPlane) => proposeIn(controlPlane, 'trim-portal'));

  const unsealed = await interlock([...exporting(id, 'dsse', 'none.json'), '--json']);
  const unknown = await interlock([...exporting(id, 'pdf', 'none.json'), '--json']);

  expect([unsealed.code, errorOf(unsealed).code]).toEqual([2, 'not-sealed']);
  expect([unknown.code, errorOf(unknown).code]).toEqual([2, 'usage']);
  expect(fs.existsSync(join(scratch, 'none.json'))).toBe(false);
});
