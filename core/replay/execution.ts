import type { Machine } from '../asl/machine.ts';
import { type Event, next, type Position, start } from '../asl/next.ts';
import { InvariantError, ReplayError } from '../errors.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import type { JsonObject } from '../json.ts';
import type { Task } from '../tasks/context.ts';
import type { Ports } from '../tasks/ports.ts';
import { returned, taskOf, thrown } from '../tasks/task-events.ts';
import { entryState, type SagaState } from '../transaction.ts';
import { isAct } from './acts.ts';
import type { MemoryStore } from './memory-store.ts';
import type { Inputs, Script } from './script.ts';
import { type Sealing, sealRefusal } from './sealing.ts';

/** The code that a replay runs: the state machine and its tasks. */
export interface Protocol {
  readonly machine: Machine;
  readonly tasks: Readonly<Record<string, Task>>;
}

/** All that the executions of one replay share. */
export interface Stage {
  readonly protocol: Protocol;
  readonly ports: Ports;
  readonly script: Script;
  readonly store: MemoryStore;
  readonly sealing: Sealing;
  /** True once it no longer follows the records: from there on, nothing is recorded of it. */
  readonly hasLeft: () => boolean;
}

type TaskPosition = Position & { readonly kind: 'task' };

/** Tasks of one execution, at most. */
const TASKS_MAX = 100_000;

/**
 * Runs one execution as far as the records tell of it: one that was cut off is cut off where its
 * records end. Throws `ReplayError` where it does otherwise than was recorded.
 */
export async function replayExecution(stage: Stage): Promise<void> {
  const { machine } = stage.protocol;
  let position = start(machine, { ...entryState(stage.store.row()) } as JsonObject);
  for (let tasks = 0; tasks < TASKS_MAX; tasks += 1) {
    if (position.kind === 'succeeded' || position.kind === 'failed') return;
    const event: Event | 'again' | 'cut' =
      position.kind === 'wait' ? { kind: 'waited' } : await attempt(stage, position);
    if (event === 'cut') return;
    if (event !== 'again') position = next(machine, position, event);
  }
  throw new InvariantError(`more than ${TASKS_MAX} tasks in one execution`);
}

/** One attempt of a task. An attempt of which the records tell no end ended there, unrecorded. */
async function attempt(stage: Stage, position: TaskPosition): Promise<Event | 'again' | 'cut'> {
  if (position.resource === 'Seal') return seal(stage, position);
  const { script, store } = stage;
  if (stage.hasLeft()) return unrecorded(stage, position);
  const recorded = ownRecord(stage);
  const inputs = script.begin(recorded?.epoch);
  if (inputs.cancelled !== undefined) store.cancelledBy(inputs.cancelled);
  if (recorded !== undefined && inputs.error !== undefined && !hears(position, recorded))
    return failed(inputs.error);
  const before = script.position();
  try {
    return await run(stage, position);
  } catch (error) {
    if (!(error instanceof ReplayError)) return thrown(error);
    if (stage.hasLeft()) throw error;
    if (recorded === undefined) return 'cut';
    if (script.position() === before) throw error;
    // It wrote a part, and then failed in a way that is not recorded: it was tried again, or cut off.
    return ownRecord(stage) === undefined ? 'cut' : 'again';
  }
}

/** An attempt of which nothing is recorded: what it throws is thrown by the task itself. */
async function unrecorded(stage: Stage, position: TaskPosition): Promise<Event> {
  try {
    return await run(stage, position);
  } catch (error) {
    if (error instanceof ReplayError) throw error;
    return thrown(error);
  }
}

async function run({ protocol, ports }: Stage, { resource, input }: TaskPosition): Promise<Event> {
  return returned(await taskOf(protocol.tasks, resource)(ports, input as JsonObject & SagaState));
}

/** The next record, if this execution wrote it. */
function ownRecord({ script, store }: Stage): EvidenceRecord | undefined {
  const record = script.next();
  if (record === undefined || isAct(record)) return undefined;
  return record.epoch === store.row().epoch ? record : undefined;
}

/** True for the task that was told of the error by the state machine, and recorded it. */
function hears({ resource }: TaskPosition, { kind }: EvidenceRecord): boolean {
  return resource === (kind === 'outcome' ? 'Escalate' : 'Compensate');
}

async function seal(stage: Stage, position: TaskPosition): Promise<Event> {
  // A seal that failed left nothing behind.
  if (stage.hasLeft() || !stage.sealing.isNext(stage.script.position()))
    return { kind: 'threw', error: 'NotSealed' };
  return returned(await makeSeal(stage, position.input as JsonObject & SagaState));
}

/** Makes the seal that comes next over the records so far. Throws `ReplayError`. */
export async function sealNext(stage: Stage): Promise<void> {
  if (!stage.sealing.isNext(stage.script.position())) return;
  await makeSeal(stage, entryState(stage.store.row()));
}

async function makeSeal(stage: Stage, input: SagaState): Promise<SagaState> {
  const { sealing, script, ports, protocol } = stage;
  script.begin(undefined);
  try {
    const output = await taskOf(protocol.tasks, 'Seal')(sealing.ports(ports), input);
    sealing.done();
    return output;
  } catch (error) {
    throw sealRefusal(error);
  }
}

function failed({ Error: name, Cause }: NonNullable<Inputs['error']>): Event {
  return { kind: 'threw', error: name, ...(Cause === undefined ? {} : { cause: Cause }) };
}
