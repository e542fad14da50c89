import { preflight } from '../core/tasks/preflight.ts';
import { taskHandler } from './handler.ts';
import { decisionPoint } from './policies.ts';
import { openPorts } from './wiring.ts';

export const handler = taskHandler(preflight, openPorts({ decisionPoint }));
