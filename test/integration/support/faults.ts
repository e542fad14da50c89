import { AnswerLostError, CloudRefusedError, TransientError } from '../../../core/errors.ts';
import type { Json } from '../../../core/json.ts';
import type { CloudRequest } from '../../../core/ports/cloud.ts';
import type { CallSession, OnCall } from './observed-session.ts';
import type { TestClock } from './test-clock.ts';

/** What can go wrong with one call. */
export type Fault =
  /** Nothing ran, and the caller knows it. */
  | { readonly kind: 'transient' }
  /** Refused for good by the target. */
  | { readonly kind: 'refused' }
  /** No answer, and nothing ran. */
  | { readonly kind: 'lost' }
  /** It ran, and the answer is lost. */
  | { readonly kind: 'done-lost' }
  /** No answer; it runs so much later. */
  | { readonly kind: 'late'; readonly lateMs: number };

/** The code of a call that a `refused` fault refuses. */
export const REFUSED_CODE = 'ServiceFailure';

/** Makes a call go wrong. */
export async function goWrong(
  fault: Fault,
  clock: TestClock,
  call: () => Promise<Json>,
): Promise<never> {
  switch (fault.kind) {
    case 'transient':
      throw new TransientError('throttled', 'the target is busy');
    case 'refused':
      throw new CloudRefusedError(REFUSED_CODE, 'the target refuses');
    case 'lost':
      break;
    case 'done-lost':
      // A refusal is an answer too.
      await call().catch(() => undefined);
      break;
    case 'late':
      // Too late, the target itself refuses it.
      clock.at(clock.now() + fault.lateMs, async () => {
        await call().catch(() => undefined);
      });
      break;
  }
  throw new AnswerLostError('no-answer', 'the connection was reset');
}

/** Which effects a fault meets. */
export interface FaultPlace {
  readonly isHit: (request: CloudRequest, session: CallSession) => boolean;
  /** How many of them in a row; all of them when absent. */
  readonly times?: number;
}

/** Lets effects at a place go wrong, and everything else through. */
export function faultAt(clock: TestClock, fault: Fault, place: FaultPlace): OnCall {
  let left = place.times ?? Number.POSITIVE_INFINITY;
  return async (request, session, call) => {
    if (!session.isEffect || left === 0 || !place.isHit(request, session)) return call();
    left -= 1;
    return goWrong(fault, clock, call);
  };
}
