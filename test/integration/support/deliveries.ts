import type { Task } from '../../../core/tasks/context.ts';
import { TASKS } from '../../../core/tasks/index.ts';
import type { SagaState } from '../../../core/transaction.ts';

type Tasks = Readonly<Record<string, Task>>;

/** Runs something before a task, by the name of its state. */
export function tasksWith(before: (name: string, state: SagaState) => Promise<void>): Tasks {
  return mapTasks((name, run) => async (ports, state) => {
    await before(name, state);
    return run(ports, state);
  });
}

/** Delivers every task twice, one after the other; the second answer counts. */
export function deliveredTwice(): Tasks {
  return mapTasks((_name, run) => async (ports, state) => {
    await run(ports, state).catch(() => undefined);
    return run(ports, state);
  });
}

/** Delivers every task twice at the same time; the answer of that delivery counts. */
export function deliveredTogether(counts: 'first' | 'second'): Tasks {
  return mapTasks((_name, run) => async (ports, state) => {
    const [first, second] = await Promise.allSettled([run(ports, state), run(ports, state)]);
    const answer = counts === 'first' ? first : second;
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}

function mapTasks(wrap: (name: string, run: Task) => Task): Tasks {
  return Object.fromEntries(Object.entries(TASKS).map(([name, run]) => [name, wrap(name, run)]));
}
