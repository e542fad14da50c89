import type { Machine } from '../../../core/asl/machine.ts';
import { next, type Position, start } from '../../../core/asl/next.ts';
import type { Json } from '../../../core/json.ts';
import type { Case } from './cases.ts';

/** What a runtime did, as far as both can tell. */
export type Happening =
  | {
      readonly kind: 'ran';
      readonly state: string;
      readonly resource: string;
      readonly input: Json;
      readonly delaySeconds: number;
    }
  | {
      readonly kind: 'waited';
      readonly state: string;
      readonly seconds: number;
      readonly input: Json;
    }
  | { readonly kind: 'succeeded'; readonly state: string; readonly output: Json }
  | {
      readonly kind: 'failed';
      readonly state: string;
      readonly error: string;
      readonly cause: string;
    };
export type Trace = readonly Happening[];

/** Happenings of one case, at most. */
const TRACE_MAX = 50;

/** What `next` has a machine do in a case. */
export function traceByNext(machine: Machine, { state, input, outcomes }: Case): Trace {
  const trace: Happening[] = [];
  const left = [...outcomes];
  let position = start({ ...machine, StartAt: state }, input);
  while (trace.length < TRACE_MAX) {
    trace.push(happeningOf(machine, position));
    const event = position.kind === 'wait' ? ({ kind: 'waited' } as const) : left.shift();
    const isOver = position.kind === 'succeeded' || position.kind === 'failed';
    if (isOver || event === undefined) return trace;
    position = next(machine, position, event);
  }
  return trace;
}

function happeningOf(machine: Machine, position: Position): Happening {
  const { state } = position;
  switch (position.kind) {
    case 'task': {
      const { resource, input, delayMs } = position;
      return { kind: 'ran', state, resource, input, delaySeconds: delayMs / 1000 };
    }
    case 'wait':
      return { kind: 'waited', state, seconds: position.seconds, input: position.input };
    case 'succeeded':
      return { kind: 'succeeded', state, output: position.output };
    case 'failed': {
      const definition = machine.States[state];
      // `next` says no cause: it is the file's.
      const cause = definition?.Type === 'Fail' ? definition.Cause : '';
      return { kind: 'failed', state, error: position.error, cause };
    }
  }
}
