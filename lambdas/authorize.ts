import { authorize } from '../core/tasks/authorize.ts';
import { taskHandler } from './handler.ts';
import { decisionPoint } from './policies.ts';
import { openPorts } from './wiring.ts';

export const handler = taskHandler(authorize, openPorts({ decisionPoint }));
