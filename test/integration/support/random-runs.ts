import { EMBEDDED_TIMING } from '../../../adapters/embedded/control-plane.ts';
import type { StepDraft } from '../../../core/action.ts';
import type { KillMode } from '../../../core/ports/kill-switch.ts';
import { refuse } from '../../../core/tasks/approve.ts';
import { cancel } from '../../../core/tasks/cancel.ts';
import { halt } from '../../../core/tasks/halt.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { resolve } from '../../../core/tasks/resolve.ts';
import { undo } from '../../../core/tasks/undo.ts';
import type { Transaction } from '../../../core/transaction.ts';
import { ACTION_CASES } from './action-cases.ts';
import { ALICE, ASKER, approveSeen } from './approving.ts';
import { tasksWith } from './deliveries.ts';
import { type Fault, goWrong } from './faults.ts';
import { OPERATOR, openTestWorld, type TestWorld, type TestWorldOptions } from './world.ts';

/** A world with one or two transactions in it that have ended, wait, or are parked. */
export interface RandomRun {
  readonly world: TestWorld;
  readonly ids: readonly string[];
  /** What happened to the first. */
  readonly happening: string;
}

type Random = () => number;
type Happening = (world: TestWorld, random: Random) => Promise<readonly string[]>;

const STEPS_MAX = 5;
const TASKS_MAX = 18;
/** Tasks that all but the shortest plans come to. */
const EARLY_TASKS_MAX = 6;
const CHANGES_MAX = 24;
/** Executions until a transaction that was cut off has ended. */
const EXECUTIONS_MAX = 6;

/** Runs a random plan through a random happening; the same numbers make the same run. */
export async function randomRun(
  random: Random,
  options: TestWorldOptions = {},
): Promise<RandomRun> {
  const names = Object.keys(HAPPENINGS);
  const happening = names[Math.floor(random() * names.length)] as string;
  const settleMs = random() < 0.2 ? 6000 : 0;
  const world = openTestWorld({ isReplayed: false, timing: { settleMs }, ...options });
  const ids = await (HAPPENINGS[happening] as Happening)(world, random);
  return { world, ids, happening };
}

const HAPPENINGS: Readonly<Record<string, Happening>> = {
  nothing: async (world, random) => [(await world.proposeAndRun(randomPlan(random))).id],
  'faults of effects': async (world, random) => {
    faults(world, random, 'effects');
    return [(await world.proposeAndRun(randomPlan(random))).id];
  },
  'faults of reads': async (world, random) => {
    faults(world, random, 'reads');
    return [(await world.proposeAndRun(randomPlan(random))).id];
  },
  'others change the target': drifted,
  'others have locked it': locked,
  'policy denies': async (world, random) => [(await world.proposeAndRun(denied(random))).id],
  'kill switch': killed,
  cancelled,
  'cut off': cutOff,
  'cut off, with faults': async (world, random) => {
    faults(world, random, 'effects');
    return cutOff(world, random);
  },
  undone,
  'stuck and resolved': stuck,
};

/** A plan of one to five different steps. */
export function randomPlan(random: Random): readonly StepDraft[] {
  const count = 1 + Math.floor(random() * STEPS_MAX);
  const left = ACTION_CASES.map((_, index) => index);
  const chosen = Array.from(
    { length: count },
    () => left.splice(Math.floor(random() * left.length), 1)[0] as number,
  );
  // In the order in which no step widens; or policy would deny most plans.
  return chosen
    .sort((a, b) => a - b)
    .map((index) => (ACTION_CASES[index] as { step: StepDraft }).step);
}

/** Takes away first, and grants again. */
function denied(random: Random): readonly StepDraft[] {
  return [...randomPlan(random)].reverse();
}

const FAULTS: readonly Fault[] = [
  { kind: 'transient' },
  { kind: 'refused' },
  { kind: 'lost' },
  { kind: 'done-lost' },
  { kind: 'late', lateMs: 3000 },
  { kind: 'late', lateMs: 7000 },
];

function faults(world: TestWorld, random: Random, where: 'effects' | 'reads'): void {
  const share = where === 'effects' ? 0.35 : 0.04;
  world.hooks.onCall = async (_request, { isEffect }, call) => {
    if (isEffect !== (where === 'effects') || random() > share) return call();
    const fault = FAULTS[Math.floor(random() * FAULTS.length)] as Fault;
    return goWrong(fault, world.clock, call);
  };
}

async function drifted(world: TestWorld, random: Random): Promise<readonly string[]> {
  const steps = randomPlan(random);
  const last = ACTION_CASES.find(({ id }) => id === steps.at(-1)?.action);
  const at = Math.floor(random() * TASKS_MAX);
  let tasks = 0;
  const changing = tasksWith(async () => {
    tasks += 1;
    const change = random() < 0.5 ? last?.otherAfter : last?.otherBefore;
    if (tasks === at && change !== undefined) await world.outside(change).catch(() => undefined);
  });
  return [(await world.run(await world.propose(steps), changing)).id];
}

async function locked(world: TestWorld, random: Random): Promise<readonly string[]> {
  const holder = await world.propose(randomPlan(random));
  const other = await world.propose(randomPlan(random));
  let tasks = 0;
  const interleaved = tasksWith(async () => {
    tasks += 1;
    if (tasks === 3) await world.run(other);
  });
  await world.run(holder, interleaved);
  return [other.id, holder.id];
}

async function killed(world: TestWorld, random: Random): Promise<readonly string[]> {
  const modes: readonly KillMode[] = ['drain', 'halt', 'freeze', 'freeze'];
  const mode = modes[Math.floor(random() * modes.length)] as KillMode;
  const at = Math.floor(random() * EARLY_TASKS_MAX);
  const move = (to: KillMode) =>
    halt(world.ports, { operator: OPERATOR, scope: 'all', mode: to, reason: 'a test' });
  let tasks = 0;
  const moving = tasksWith(async () => {
    tasks += 1;
    if (tasks === at) await move(mode);
  });
  const { id } = await world.run(await world.propose(randomPlan(random)), moving);
  if (random() < 0.3) return [id];
  await move('running');
  await untilEnded(world, id);
  return [id];
}

async function cancelled(world: TestWorld, random: Random): Promise<readonly string[]> {
  const at = Math.floor(random() * TASKS_MAX);
  const proposed = await world.propose(randomPlan(random));
  let tasks = 0;
  const cancelling = tasksWith(async () => {
    tasks += 1;
    if (tasks === at) await cancel(world.ports, ASKER, proposed.id).catch(() => undefined);
  });
  return [(await world.run(proposed, cancelling)).id];
}

async function cutOff(world: TestWorld, random: Random): Promise<readonly string[]> {
  const { id } = await world.propose(randomPlan(random));
  for (let cuts = Math.floor(random() * 3) + 1; cuts > 0; cuts -= 1) {
    const left = Math.floor(random() * CHANGES_MAX);
    await world
      .runWith(mortal(world.ports, left))(await world.load(id))
      .catch(() => undefined);
    await world.clock.sleep(EMBEDDED_TIMING.leaseMs + 1);
  }
  await untilEnded(world, id);
  return [id];
}

/** Ports of a process that ends after so many changes: no later call of it does anything. */
function mortal(ports: Ports, changes: number): Ports {
  let left = changes;
  const dead = () => Promise.reject(new Error('the process has ended'));
  const alive = <Call extends (...parameters: never[]) => Promise<unknown>>(call: Call): Call =>
    ((...parameters: Parameters<Call>) => (left < 0 ? dead() : call(...parameters))) as Call;
  const { store, vault, killSwitch } = ports;
  const change: typeof store.change = (wanted) => {
    left -= 1;
    return left < 0 ? dead() : store.change(wanted);
  };
  return {
    ...ports,
    store: { ...store, change, load: alive(store.load) },
    vault: { locate: alive(vault.locate), read: alive(vault.read), effect: alive(vault.effect) },
    killSwitch: { ...killSwitch, effective: alive(killSwitch.effective) },
  };
}

async function undone(world: TestWorld, random: Random): Promise<readonly string[]> {
  const done = await world.proposeAndRun(randomPlan(random));
  if (done.status !== 'committed') return [done.id];
  const asked = (await undo(world.ports, ASKER, done.id)).transaction;
  const waiting = await world.run(asked);
  const ids = [done.id, waiting.id];
  if (waiting.status !== 'awaiting-approval' || random() < 0.2) return ids;
  const answer = random();
  if (answer < 0.25) {
    await refuse(world.ports, ALICE, { id: waiting.id, reason: 'a test' });
  } else if (answer < 0.4) {
    await world.clock.sleep(waiting.plan.deadlineMs + 1);
  } else {
    await approveSeen(world.ports, ALICE, waiting);
  }
  await world.run(await world.load(waiting.id));
  return ids;
}

async function stuck(world: TestWorld, random: Random): Promise<readonly string[]> {
  const steps = randomPlan(random);
  const isUnwound = (operation: string) => operation !== steps.at(-1)?.action;
  let refused = false;
  world.hooks.onCall = async (request, { isEffect }, call) => {
    if (!isEffect) return call();
    if (!refused && !isUnwound(request.operation)) refused = true;
    return refused ? goWrong({ kind: 'refused' }, world.clock, call) : call();
  };
  const ended = await world.proposeAndRun(steps);
  if (ended.status !== 'stuck') return [ended.id];
  await resolve(world.ports, ASKER, { id: ended.id, as: 'applied', reason: 'a test' });
  await world.run(await world.load(ended.id));
  return [ended.id];
}

async function untilEnded(world: TestWorld, id: string): Promise<void> {
  for (let executions = 0; executions < EXECUTIONS_MAX; executions += 1) {
    const { sealed, status }: Transaction = await world.load(id);
    // What is parked is sealed as it stands.
    if (sealed && status !== 'parked') return;
    await world.run(await world.load(id));
  }
}
