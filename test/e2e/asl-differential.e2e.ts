import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Machine, parseMachine } from '../../core/asl/machine.ts';
import { type Case, casesOf } from './asl/cases.ts';
import { mutationsOf } from './asl/mutations.ts';
import { traceByStepFunctions } from './asl/step-functions.ts';
import { type Trace, traceByNext } from './asl/trace.ts';
import { type Emulator, startEmulator } from './emulator/emulator.ts';

const FOLDER = 'statemachines';
const SUFFIX = '.asl.json';
const files = readdirSync(FOLDER)
  .filter((one) => one.endsWith(SUFFIX))
  .map((one) => {
    const text = readFileSync(join(FOLDER, one), 'utf8');
    const machine = parseMachine(JSON.parse(text));
    return { name: one.replace(SUFFIX, ''), text, machine, cases: casesOf(machine) };
  });

let emulator: Emulator;
let tracesOf: ReadonlyMap<string, ReadonlyMap<string, Trace>>;
beforeAll(async () => {
  emulator = await startEmulator();
  // All at once: what takes time are the retries and waits.
  const all = files.map(async (file) => {
    const traces = await traceByStepFunctions(emulator, file, file.cases);
    return [file.name, traces] as const;
  });
  tracesOf = new Map(await Promise.all(all));
});
afterAll(() => emulator.stop());

describe.each(files)('the machine $name', ({ name, machine, cases }) => {
  const traceIn = ({ id }: Case) => tracesOf.get(name)?.get(id);
  const byNext = (of: Machine, one: Case) => {
    try {
      return traceByNext(of, one);
    } catch (error) {
      return error;
    }
  };
  const isSame = (of: Machine, one: Case) => isDeepStrictEqual(byNext(of, one), traceIn(one));

  test('does by `next` what it does on Step Functions, for every state and outcome', () => {
    const different = cases.filter((one) => !isSame(machine, one));

    const happenings = cases.reduce((sum, one) => sum + (traceIn(one)?.length ?? 0), 0);
    console.log(`${name}: ${cases.length} cases, ${happenings} steps, ${different.length} differ`);
    expect(different.map((one) => [one.id, byNext(machine, one)])).toEqual(
      different.map((one) => [one.id, traceIn(one)]),
    );
  });

  test('is entered in every state', () => {
    const states = new Set(cases.map(({ state }) => state));

    expect([...states]).toEqual(Object.keys(machine.States));
    expect(cases.filter((one) => (traceIn(one)?.length ?? 0) === 0)).toEqual([]);
  });

  test('changed anywhere, does something else', () => {
    const mutations = mutationsOf(machine);

    const unnoticed = mutations.filter((one) => cases.every((each) => isSame(one.machine, each)));

    console.log(`${name}: ${mutations.length} changes, ${unnoticed.length} unnoticed`);
    expect(mutations.length).toBeGreaterThan(100);
    expect(unnoticed.map(({ what }) => what)).toEqual([]);
  });
});
