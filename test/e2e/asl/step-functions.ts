import { setTimeout as wait } from 'node:timers/promises';
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type Machine, parseMachine, resourceName } from '../../../core/asl/machine.ts';
import { ACCOUNT } from '../emulator/account.ts';
import { clientOptions, type Emulator } from '../emulator/emulator.ts';
import { answerTasks, type Script } from './activities.ts';
import type { Case } from './cases.ts';
import { traceOf } from './history.ts';
import type { Trace } from './trace.ts';

const POLL_MS = 500;
/** All cases run at once; the longest retries for 45 s. */
const RUN_MS_MAX = 120_000;
const PAGE_MAX = 1000;

/** A machine as the file has it, and how its executions are named apart. */
export interface MachineFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Runs every case as an execution of Step Functions, and says what happened in each. Of the file's
 * text two things are changed: `StartAt`, and each `${Name}` becomes the ARN of an activity, so that
 * the test itself answers for the tasks. Retries and waits take the time that the file says.
 */
export async function traceByStepFunctions(
  emulator: Emulator,
  file: MachineFile,
  cases: readonly Case[],
): Promise<ReadonlyMap<string, Trace>> {
  const client = new SFNClient(clientOptions(emulator));
  const resources = await createActivities(client, file);
  const machines = await createMachines(client, file, resources);
  const executions = await startAll(client, machines, cases);
  const script: Script = {
    left: new Map(cases.map((one) => [one.id, [...one.outcomes]])),
    held: new Set(),
  };
  const stop = new AbortController();
  const workers = [...resources.values()].map((arn) =>
    answerTasks(client, arn, script, stop.signal),
  );
  try {
    await untilOver(client, { machines, executions, script });
    const traces = new Map<string, Trace>();
    for (const [id, executionArn] of executions) {
      const query = { client, pageSize: PAGE_MAX };
      const events = [];
      for await (const page of paginateGetExecutionHistory(query, { executionArn }))
        events.push(...(page.events ?? []));
      traces.set(id, traceOf(events, resources));
    }
    return traces;
  } finally {
    stop.abort();
    await Promise.all(workers);
    client.destroy();
  }
}

/** An activity for each task; their ARNs by the names in `${Name}`. */
async function createActivities(client: SFNClient, { name, text }: MachineFile) {
  const arns = new Map<string, string>();
  for (const resource of resourcesOf(parseMachine(JSON.parse(text)))) {
    const command = new CreateActivityCommand({ name: `${name}-${resource}` });
    arns.set(resource, (await client.send(command)).activityArn ?? '');
  }
  return arns;
}

function resourcesOf(machine: Machine): ReadonlySet<string> {
  const tasks = Object.values(machine.States).filter((state) => state.Type === 'Task');
  return new Set(tasks.map(resourceName));
}

/** A state machine for each state, that begins there; their ARNs by the states. */
async function createMachines(
  client: SFNClient,
  { name, text }: MachineFile,
  resources: ReadonlyMap<string, string>,
) {
  const arns = new Map<string, string>();
  const substituted = [...resources].reduce(
    (all, [one, arn]) => all.replaceAll(`\${${one}}`, arn),
    text,
  );
  const file = JSON.parse(substituted) as Machine;
  for (const [index, StartAt] of Object.keys(file.States).entries()) {
    const definition = JSON.stringify({ ...file, StartAt });
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/machine`;
    const command = new CreateStateMachineCommand({
      name: `${name}-${index}`,
      definition,
      roleArn,
    });
    arns.set(StartAt, (await client.send(command)).stateMachineArn ?? '');
  }
  return arns;
}

async function startAll(
  client: SFNClient,
  machines: ReadonlyMap<string, string>,
  cases: readonly Case[],
) {
  const arns = new Map<string, string>();
  for (const { id, state, input } of cases) {
    const stateMachineArn = machines.get(state);
    const command = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
    arns.set(id, (await client.send(command)).executionArn ?? '');
  }
  return arns;
}

/** Waits until each execution has ended or waits for a task that nobody answers. */
async function untilOver(
  client: SFNClient,
  all: {
    readonly machines: ReadonlyMap<string, string>;
    readonly executions: ReadonlyMap<string, string>;
    readonly script: Script;
  },
): Promise<void> {
  const deadline = Date.now() + RUN_MS_MAX;
  while (true) {
    const running = new Set<string | undefined>();
    for (const stateMachineArn of all.machines.values()) {
      const query = { stateMachineArn, statusFilter: 'RUNNING', maxResults: PAGE_MAX } as const;
      const { executions = [] } = await client.send(new ListExecutionsCommand(query));
      for (const { executionArn } of executions) running.add(executionArn);
    }
    const open = [...all.executions].filter(
      ([id, executionArn]) => running.has(executionArn) && !all.script.held.has(id),
    );
    if (open.length === 0) return;
    if (Date.now() > deadline) throw new Error(`not over: ${open.map(([id]) => id).join('; ')}`);
    await wait(POLL_MS);
  }
}
