import { join } from 'node:path';
import { loadDecisionPoint } from '../adapters/cedar/decision-point.ts';
import { variable } from './environment.ts';

/** The decision point of the policies that were deployed beside the code. */
export const decisionPoint = () =>
  loadDecisionPoint(join(variable('LAMBDA_TASK_ROOT'), 'policies'));
