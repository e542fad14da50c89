import { escalate } from '../core/tasks/escalate.ts';
import { taskHandler } from './handler.ts';
import { openPorts } from './wiring.ts';

export const handler = taskHandler(escalate, openPorts({}));
