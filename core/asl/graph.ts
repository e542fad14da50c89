import { type Machine, successors } from './machine.ts';

/** The states that can be reached from `from`, itself included, without entering `avoiding`. */
export function reachable(
  machine: Machine,
  from: string,
  avoiding: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = avoiding.has(from) ? [] : [from];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (seen.has(state)) continue;
    seen.add(state);
    const known = machine.States[state];
    if (known === undefined) continue;
    open.push(...successors(known).filter((one) => !avoiding.has(one)));
  }
  return seen;
}

/** True when every path from the start to `state` passes through `gate`. */
export function isDominatedBy(machine: Machine, state: string, gate: string): boolean {
  return !reachable(machine, machine.StartAt, new Set([gate])).has(state);
}

/** What is wrong with the protocol of a transaction machine, one sentence each; empty when sound. */
export function protocolFaults(machine: Machine): readonly string[] {
  return [
    ...executeFaults(machine),
    ...compensateFaults(machine),
    ...catchFaults(machine),
    ...endingFaults(machine),
    ...deadStates(machine),
  ];
}

/** Where each task's Catch of all errors must lead. */
const CATCH_TARGETS: Readonly<Record<string, string>> = {
  Preflight: 'Compensate',
  Authorize: 'Compensate',
  Execute: 'Compensate',
  Verify: 'Compensate',
  Compensate: 'Escalate',
  Escalate: 'Lost',
  Seal: 'Unsealed',
};
/** Errors for which a task that makes effects may be run again: nothing ran. */
const NOTHING_RAN = new Set(['TransientError', 'Lambda.TooManyRequestsException']);

function executeFaults(machine: Machine): readonly string[] {
  const execute = machine.States['Execute'];
  if (execute?.Type !== 'Task') return ['`Execute` is not a task'];
  const faults: string[] = [];
  if (!isDominatedBy(machine, 'Execute', 'Authorize'))
    faults.push('`Execute` can be reached without `Authorize`');
  const predecessors = Object.entries(machine.States).filter(([, state]) =>
    successors(state).includes('Execute'),
  );
  if (predecessors.some(([name]) => name !== 'Authorize'))
    faults.push('`Execute` follows on something else than `Authorize`');
  if (successors(execute).some((one) => one !== 'Verify' && one !== 'Compensate'))
    faults.push('`Execute` can be left without `Verify` or `Compensate`');
  if (execute.Retry.some((one) => one.ErrorEquals.some((error) => !NOTHING_RAN.has(error))))
    faults.push('`Execute` is retried where something may have run');
  return faults;
}

/** A compensation decides from the store alone, so whatever ended one attempt, another may go on. */
function compensateFaults(machine: Machine): readonly string[] {
  const compensate = machine.States['Compensate'];
  if (compensate?.Type !== 'Task') return ['`Compensate` is not a task'];
  const last = compensate.Retry.at(-1);
  const isRetried = last?.ErrorEquals.includes('States.ALL') && last.MaxAttempts > 0;
  return isRetried ? [] : ['`Compensate` is not retried after an error of any other kind'];
}

function catchFaults(machine: Machine): readonly string[] {
  return Object.entries(machine.States).flatMap(([name, state]) => {
    if (state.Type !== 'Task') return [];
    const last = state.Catch.at(-1);
    const isCaught = last?.ErrorEquals.length === 1 && last.ErrorEquals[0] === 'States.ALL';
    if (!isCaught) return [`\`${name}\` does not catch all errors`];
    const wanted = CATCH_TARGETS[name];
    if (wanted === undefined) return [`\`${name}\` is not a task of the protocol`];
    return state.Catch.every((one) => one.Next === wanted)
      ? []
      : [`\`${name}\` does not catch into \`${wanted}\``];
  });
}

function endingFaults(machine: Machine): readonly string[] {
  const faults: string[] = [];
  for (const ending of ['Committed', 'Rejected', 'Compensated', 'Parked', 'Stuck']) {
    if (!isDominatedBy(machine, ending, 'Seal'))
      faults.push(`\`${ending}\` can be reached without \`Seal\``);
    if (!isDominatedBy(machine, ending, 'Outcome?'))
      faults.push(`\`${ending}\` can be reached without \`Outcome?\``);
  }
  return faults;
}

function deadStates(machine: Machine): readonly string[] {
  const alive = reachable(machine, machine.StartAt);
  return Object.keys(machine.States)
    .filter((name) => !alive.has(name))
    .map((name) => `\`${name}\` cannot be reached`);
}
