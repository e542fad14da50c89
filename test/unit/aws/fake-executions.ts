import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandInput,
  type SFNClient,
  StartExecutionCommand,
  type StartExecutionCommandInput,
} from '@aws-sdk/client-sfn';
import type { ReconcilerParts } from '../../../adapters/aws/reconciler.ts';
import { loadTransactionMachine } from '../../../adapters/embedded/state-machine.ts';
import { next, start } from '../../../core/asl/next.ts';
import type { Task } from '../../../core/tasks/context.ts';
import { TASKS } from '../../../core/tasks/index.ts';
import type { SagaState } from '../../../core/transaction.ts';
import type { TestWorld } from '../../integration/support/world.ts';

const MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:transactions';
const EXECUTIONS = 'arn:aws:states:us-east-1:111122223333:execution:transactions:';

/** One execution, as Step Functions knows it. */
export interface FakeExecution {
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';
  readonly input: SagaState;
}

/** Executions over the store of a test world; they stand still until they are run. */
export interface FakeExecutions {
  readonly parts: ReconcilerParts;
  readonly byName: Map<string, FakeExecution>;
  /** What the next calls throw, by the command's name, each once. */
  readonly faults: { readonly command: 'Start' | 'Describe'; readonly error: Error }[];
  /** Runs one to its last state, or only that many of its tasks. */
  run(name: string, tasks?: number): Promise<void>;
}

export function openExecutions({ ports, clock }: TestWorld): FakeExecutions {
  const byName = new Map<string, FakeExecution>();
  const faults: FakeExecutions['faults'] = [];
  const client = {
    async send(command: unknown) {
      const kind = command instanceof StartExecutionCommand ? 'Start' : 'Describe';
      const at = faults.findIndex((one) => one.command === kind);
      if (at >= 0) throw faults.splice(at, 1)[0]?.error;
      if (command instanceof StartExecutionCommand) return started(byName, command.input);
      if (command instanceof DescribeExecutionCommand) return described(byName, command.input);
      throw new Error('Step Functions is asked for something else');
    },
  } as unknown as SFNClient;
  return {
    parts: { client, stateMachineArn: MACHINE, ports },
    byName,
    faults,
    async run(name, tasks = Number.POSITIVE_INFINITY) {
      const execution = byName.get(name);
      if (execution === undefined) throw new Error(`there is no execution ${name}`);
      const machine = loadTransactionMachine();
      let position = start(machine, { ...execution.input });
      for (let left = tasks; left > 0; left -= 1) {
        if (position.kind === 'succeeded' || position.kind === 'failed') break;
        if (position.kind === 'wait') {
          await clock.sleep(position.seconds * 1000);
          position = next(machine, position, { kind: 'waited' });
          continue;
        }
        const task = TASKS[position.resource as keyof typeof TASKS] as Task;
        try {
          const output = await task(ports, position.input as unknown as SagaState);
          position = next(machine, position, { kind: 'returned', output: { ...output } as never });
        } catch (error) {
          position = next(machine, position, { kind: 'threw', error: (error as Error).name });
        }
      }
      if (position.kind === 'succeeded') execution.status = 'SUCCEEDED';
      if (position.kind === 'failed') execution.status = 'FAILED';
    },
  };
}

/** The same name and input is the same execution while it runs; a used name is refused. */
function started(
  byName: Map<string, FakeExecution>,
  { stateMachineArn, name = '', input = '' }: StartExecutionCommandInput,
) {
  if (stateMachineArn !== MACHINE) throw new Error('another state machine');
  const known = byName.get(name);
  const isSame = known?.status === 'RUNNING' && JSON.stringify(known.input) === input;
  if (known !== undefined && !isSame) throw named('ExecutionAlreadyExists');
  if (known === undefined) byName.set(name, { status: 'RUNNING', input: JSON.parse(input) });
  return { executionArn: `${EXECUTIONS}${name}` };
}

function described(
  byName: Map<string, FakeExecution>,
  { executionArn = '' }: DescribeExecutionCommandInput,
) {
  const known = byName.get(executionArn.replace(EXECUTIONS, ''));
  if (known === undefined) throw named('ExecutionDoesNotExist');
  return { status: known.status };
}

/** A refusal, as the SDK throws it. */
export function named(name: string): Error {
  return Object.assign(new Error(name), { name, $fault: 'client' });
}
