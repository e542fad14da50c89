import { execute } from '../core/tasks/execute.ts';
import { recordingRefusals } from '../core/tasks/refusing.ts';
import { taskHandler } from './handler.ts';
import { openPorts } from './wiring.ts';

// Whoever may invoke a function may invoke this one with any state: what it refuses is evidence.
export const handler = taskHandler(recordingRefusals('execute', execute), openPorts({}));
