import type { StepDraft } from '../../../core/action.ts';
import type { Transaction } from '../../../core/transaction.ts';
import { caseNamed } from './action-cases.ts';
import { type Fault, faultAt } from './faults.ts';
import type { OnCall } from './observed-session.ts';
import { openTestWorld, type TestWorld } from './world.ts';

/** What happens besides the lag. */
export type Event = 'nothing' | 'next-fails' | Fault['kind'];
export const EVENTS: readonly Event[] = [
  'nothing',
  'next-fails',
  'transient',
  'refused',
  'lost',
  'done-lost',
  'late',
];

/** How long a late effect takes; within its deadline. */
const LATE_MS = 4000;

/** One run of an action on an account whose reads lag behind. */
export interface LagRun {
  readonly id: string;
  readonly event: Event;
  readonly settleMs: number;
  /** How stale the next read is, ms. */
  readonly lagMs: () => number;
}

/** Runs the step of an action and one on the other principal. The caller closes the world. */
export async function runLagging({ id, event, settleMs, lagMs }: LagRun): Promise<{
  readonly world: TestWorld;
  readonly steps: readonly StepDraft[];
  readonly ended: Transaction;
}> {
  const world = openTestWorld({ keepsHistory: true, timing: { settleMs } });
  const last = caseNamed(id.includes('Role') ? 'iam:DeleteUserPolicy' : 'iam:DeleteRolePolicy');
  world.hooks.lagMs = lagMs;
  world.hooks.onCall = callsWith(world, event, { id, last: last.id });
  const steps = [caseNamed(id).step, last.step];
  return { world, steps, ended: await world.proposeAndRun(steps) };
}

function callsWith(
  { clock, hooks }: TestWorld,
  event: Event,
  { id, last }: { readonly id: string; readonly last: string },
): OnCall {
  if (event === 'nothing') return hooks.onCall;
  const isNext = event === 'next-fails';
  const fault: Fault = isNext
    ? { kind: 'refused' }
    : event === 'late'
      ? { kind: event, lateMs: LATE_MS }
      : { kind: event };
  const hit = isNext ? last : id;
  return faultAt(clock, fault, { isHit: ({ operation }) => operation === hit, times: 1 });
}

/** Lags between 0 and a bound, the same for the same seed. */
export function lagsUpTo(boundMs: number, seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round((state / 2 ** 32) * boundMs);
  };
}
