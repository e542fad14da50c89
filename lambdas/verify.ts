import { verify } from '../core/tasks/verify.ts';
import { taskHandler } from './handler.ts';
import { decisionPoint } from './policies.ts';
import { openPorts } from './wiring.ts';

export const handler = taskHandler(verify, openPorts({ decisionPoint }));
