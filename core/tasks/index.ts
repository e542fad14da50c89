import { authorize } from './authorize.ts';
import { compensate } from './compensate.ts';
import type { Task } from './context.ts';
import { escalate } from './escalate.ts';
import { execute } from './execute.ts';
import { preflight } from './preflight.ts';
import { seal } from './seal.ts';
import { verify } from './verify.ts';

/** The tasks of the state machine, by the name of their state. */
export const TASKS: Readonly<Record<string, Task>> = {
  Preflight: preflight,
  Authorize: authorize,
  Execute: execute,
  Verify: verify,
  Compensate: compensate,
  Escalate: escalate,
  Seal: seal,
};
