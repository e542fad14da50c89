import { join } from 'node:path';
import { loadDecisionPoint } from '../adapters/cedar/decision-point.ts';
import { type LoadedPolicies, loadPolicies } from '../adapters/cedar/load.ts';
import { variable } from './environment.ts';

const folder = () => join(variable('LAMBDA_TASK_ROOT'), 'policies');

/** The decision point of the policies that were deployed beside the code. */
export const decisionPoint = () => loadDecisionPoint(folder());

/** The deployed policies themselves, for those who show them. Throws when they do not load. */
export const openPolicies = (): LoadedPolicies => loadPolicies(folder());
