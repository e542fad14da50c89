import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Json } from '../../../core/json.ts';
import type { Happening, Trace } from './trace.ts';

/** By how much a timer may be early, and what is left of a second until it counts as longer. */
const EARLY_MS = 20;

/** What happened by the history of an execution; `resources` has the ARNs by their names. */
export function traceOf(
  events: readonly HistoryEvent[],
  resources: ReadonlyMap<string, string>,
): Trace {
  const nameOf = new Map([...resources].map(([name, arn]) => [arn, name]));
  const trace: Happening[] = [];
  let state = '';
  let input: Json = '';
  let since: HistoryEvent | undefined;
  for (const event of events) {
    const entered = event.stateEnteredEventDetails;
    if (entered !== undefined) {
      state = entered.name ?? '';
      input = JSON.parse(entered.input ?? '""') as Json;
      since = event;
    }
    switch (event.type) {
      case 'TaskScheduled': {
        const resource = nameOf.get(event.taskScheduledEventDetails?.resource ?? '') ?? 'none';
        const delaySeconds = secondsBetween(since, event);
        trace.push({ kind: 'ran', state, resource, input, delaySeconds });
        break;
      }
      case 'TaskFailed':
        since = event;
        break;
      case 'WaitStateExited':
        trace.push({ kind: 'waited', state, seconds: secondsBetween(since, event), input });
        break;
      case 'ExecutionSucceeded': {
        const text = event.executionSucceededEventDetails?.output ?? '""';
        trace.push({ kind: 'succeeded', state, output: JSON.parse(text) as Json });
        break;
      }
      case 'ExecutionFailed': {
        const { error = '', cause = '' } = event.executionFailedEventDetails ?? {};
        trace.push({ kind: 'failed', state, error, cause });
        break;
      }
    }
  }
  return trace;
}

/** Whole seconds: a busy machine adds to the delay, and nothing takes from it. */
function secondsBetween(from: HistoryEvent | undefined, to: HistoryEvent): number {
  const elapsedMs = (to.timestamp?.getTime() ?? 0) - (from?.timestamp?.getTime() ?? 0);
  return Math.floor((elapsedMs + EARLY_MS) / 1000);
}
