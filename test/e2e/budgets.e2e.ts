import { readFileSync } from 'node:fs';
import {
  DisableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Table from 'cli-table3';
import { PARAMETER_AGE_MS_MAX } from '../../adapters/aws/kill-switch.ts';
import { executionName } from '../../adapters/aws/runner.ts';
import { type Bundle, bundleOf } from './bundles.ts';
import { agentClient } from './callers.ts';
import { countOf, itemsOf, readUnitsOf, shortestPauseMs, writeUnitsOf } from './consumption.ts';
import { type Call, type CountingProxy, openCountingProxy } from './counting-proxy.ts';
import { clientOptions } from './emulator/emulator.ts';
import { untilHolds } from './emulator/until.ts';
import {
  ended,
  historyOf,
  invoke,
  makeRoles,
  narrowingPlan,
  openWorld,
  reconfigure,
  type World,
} from './world.ts';

/** At most, for one committed transaction of five steps. */
const BUDGETS = {
  stateTransitions: 28,
  // The seal, and a checkpoint where no other seal comes at the same time.
  kmsSigns: 2,
  writeTransactions: 30,
  writeItems: 130,
  writeUnits: 390,
  readUnits: 160,
  lambdaCalls: 45,
  assumeRoles: 25,
  archivedObjects: 46,
  settledReads: 15,
} as const;
/** KiB at most of `index.js`, and of all that is unpacked with it. */
const SMALL = [1700, 4000] as const;
const WITH_POLICIES = [1700, 8500] as const;
const WITH_API = [2200, 9600] as const;
const BUNDLES_KIB: Readonly<Record<string, readonly [number, number]>> = {
  preflight: WITH_POLICIES,
  authorize: WITH_POLICIES,
  verify: WITH_POLICIES,
  compensate: WITH_POLICIES,
  'dry-run': WITH_POLICIES,
  seal: [1730, 4100],
  sequence: [2000, 4700],
  'api-agent': WITH_API,
  'api-operator': WITH_API,
  // The data of IAM's actions.
  validate: [1500, 15_000],
};
const STEPS = 5;
/** Bytes of records differ by run: times, attempts and ids have no fixed length. */
const UNITS_TOLERANCE = 0.05;
/** The proxy may see the second of two reads sooner after it was made than the first. */
const EARLY_MS = 50;
const QUIET_MS = 1500;

type Measured = Readonly<Record<keyof typeof BUDGETS, number>>;
/** What the sweeps of a minute use that find nothing. */
interface Sweep {
  readonly readUnits: number;
  readonly parameterReads: number;
}
const inputs = JSON.parse(readFileSync('bench/cost-inputs.json', 'utf8')) as {
  readonly steps: number;
  readonly measured: Measured;
  readonly sweep: Sweep;
};

let world: World;
let measured: Measured;
let sweep: Sweep;
let latencyMs: number;
let parameterReads: { readonly count: number; readonly shortestPauseMs: number };
let refused: readonly Call[];
let bundles: readonly Bundle[];
const calls: Call[] = [];
const proxies: CountingProxy[] = [];
beforeAll(async () => {
  // Nothing but the transaction runs, and the agent's role is the test's own.
  world = await openWorld({ auditor: { mode: 'propose', schedule: 'off' } });
  for (const entry of world.functions.keys()) {
    const proxy = await openCountingProxy(world.emulator.endpoint, entry, calls);
    proxies.push(proxy);
    await reconfigure(world, entry, { variables: proxy.variables });
  }
  bundles = await Promise.all([...world.functions.keys()].map((one) => bundleOf(world, one)));
  await disableRules(world);
  await world.setKillSwitch('running');
  const agent = await agentClient(world, 'iam-auditor');
  const roles = await makeRoles(world, 2 * STEPS);
  const run = async (some: readonly string[]) => {
    const { transaction } = await agent.propose(narrowingPlan(some));
    return ended(world, transaction.id, 'committed');
  };
  // Every function has then started and opened its clients.
  await run(roles.slice(STEPS));
  await untilQuiet();
  calls.length = 0;
  const startedAt = Date.now();
  const transaction = await run(roles.slice(0, STEPS));
  latencyMs = Date.now() - startedAt;
  await untilQuiet();
  measured = await measure(await historyOf(world, executionName(transaction)));
  parameterReads = {
    count: countOf(ofTransaction(), 'SSM.GetParameter'),
    shortestPauseMs: shortestPauseMs(ofTransaction(), 'SSM.GetParameter'),
  };
  refused = ofTransaction().filter(({ status }) => status >= 400);
  // What there is of control streams is sealed and logged by then.
  const sweeps = [
    ['reconcile', {}],
    ['seal', { seal: 'control-streams' }],
    ['sequence', {}],
  ] as const;
  for (const [entry, event] of sweeps) await invoke(world, entry, event);
  await untilQuiet();
  calls.length = 0;
  for (const [entry, event] of sweeps) await invoke(world, entry, event);
  sweep = {
    readUnits: readUnitsOf(calls),
    parameterReads: countOf(calls, 'SSM.GetParameter'),
  };
});
afterAll(async () => {
  for (const one of proxies) await one.close();
  await world.stop();
});

/** What comes each minute is measured by itself. */
async function disableRules({ emulator }: World): Promise<void> {
  const client = new EventBridgeClient(clientOptions(emulator));
  const { Rules = [] } = await client.send(new ListRulesCommand({}));
  for (const { Name } of Rules.filter((one) => one.ScheduleExpression !== undefined))
    await client.send(new DisableRuleCommand({ Name }));
}

/** Archive and log follow by themselves: waits until nobody calls anything. */
async function untilQuiet(): Promise<void> {
  await untilHolds(() => Date.now() - (ofTransaction().at(-1)?.at ?? 0) > QUIET_MS, 30_000);
}

const ofTransaction = () => calls.filter(({ by }) => by !== 'reconcile');

async function measure(history: readonly HistoryEvent[]): Promise<Measured> {
  const own = ofTransaction();
  const happened = (suffix: string) => history.filter(({ type }) => type?.endsWith(suffix)).length;
  const sessions = own
    .filter(({ operation }) => operation === 'Lambda.Invoke')
    .map(({ request }) => (JSON.parse(request) as { readonly session: string }).session);
  return {
    stateTransitions: happened('StateEntered'),
    kmsSigns: countOf(own, 'KMS.Sign'),
    writeTransactions: countOf(own, 'DynamoDB.TransactWriteItems'),
    writeItems: itemsOf(own),
    writeUnits: await writeUnitsOf(world.dynamo, own),
    readUnits: readUnitsOf(own),
    // The API, the log, the tasks, the vault; the archive's depend on how its stream is cut into batches.
    lambdaCalls: 2 + happened('TaskScheduled') + sessions.length,
    assumeRoles: countOf(own, 'STS.AssumeRole'),
    archivedObjects: countOf(own, 'S3.PUT'),
    settledReads: sessions.filter((one) => one === 'read').length,
  };
}

describe('a committed transaction of five steps', () => {
  it('stays within every budget', () => {
    const names = Object.keys(BUDGETS) as (keyof typeof BUDGETS)[];

    const above = names.filter((name) => measured[name] > BUDGETS[name]);

    print([
      ['of one transaction', 'measured', 'budget'],
      ...names.map((name) => [name, measured[name], BUDGETS[name]]),
      ['parameterReads', parameterReads.count, '1 a second and function'],
      ['latency, emulated, ms', latencyMs, ''],
    ]);
    expect(above).toEqual([]);
    expect(measured.kmsSigns).toBe(2);
    expect(refused).toEqual([]);
  });

  it('reads the kill switch parameter, and no function twice within a second', () => {
    expect(parameterReads.count).toBeGreaterThan(0);
    expect(parameterReads.shortestPauseMs).toBeGreaterThan(PARAMETER_AGE_MS_MAX - EARLY_MS);
  });

  it('uses what its cost is computed from', () => {
    const { writeUnits, readUnits, ...counts } = measured;

    expect(inputs.steps).toBe(STEPS);
    expect(inputs.measured).toMatchObject(counts);
    expect(inputs.sweep).toEqual(sweep);
    for (const [now, then] of [
      [writeUnits, inputs.measured.writeUnits],
      [readUnits, inputs.measured.readUnits],
    ] as const)
      expect(Math.abs(now - then)).toBeLessThanOrEqual(UNITS_TOLERANCE * then);
  });
});

describe('the bundle of each function', () => {
  it('stays within its budget', () => {
    const above = bundles.filter(({ entry, code, unpacked }) => {
      const [codeMax, unpackedMax] = budgetOf(entry);
      return code > codeMax * 1024 || unpacked > unpackedMax * 1024 || code === 0;
    });

    print([
      ['function', 'index.js KiB', 'budget', 'unpacked KiB', 'budget', 'zip KiB'],
      ...bundles.map(({ entry, code, unpacked, zipped }) => {
        const [codeMax, unpackedMax] = budgetOf(entry);
        return [entry, kib(code), codeMax, kib(unpacked), unpackedMax, kib(zipped)];
      }),
    ]);
    expect(above).toEqual([]);
    expect(bundles.length).toBeGreaterThan(10);
  });
});

function budgetOf(entry: string): readonly [number, number] {
  return BUNDLES_KIB[entry] ?? SMALL;
}

const kib = (bytes: number) => Math.ceil(bytes / 1024);

function print(rows: readonly (readonly (string | number)[])[]): void {
  const table = new Table({ style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  console.log(`\n${table.toString()}`);
}
