import { compensate } from '../core/tasks/compensate.ts';
import { taskHandler } from './handler.ts';
import { decisionPoint } from './policies.ts';
import { openPorts } from './wiring.ts';

export const handler = taskHandler(compensate, openPorts({ decisionPoint }));
