import { execute } from '../core/tasks/execute.ts';
import { taskHandler } from './handler.ts';
import { openPorts } from './wiring.ts';

export const handler = taskHandler(execute, openPorts({}));
