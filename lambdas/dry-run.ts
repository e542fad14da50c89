import { problemOf } from '../api/problem.ts';
import { dryRunView } from '../api/view/dry-run.ts';
import { dryRunAs } from '../core/tasks/propose-as.ts';
import { handler as asHandler, parseEvent } from './handler.ts';
import { decisionPoint } from './policies.ts';
import { DryRunRequest } from './remote-dry-run.ts';
import { openPorts } from './wiring.ts';

const open = openPorts({ decisionPoint });

/** Decides and predicts a plan for the API of agents, which has no way to a target of its own. */
export const handler = asHandler(async (event) => {
  const { agent, plan } = parseEvent(DryRunRequest, event);
  try {
    const made = await dryRunAs(await open(), { type: 'Agent', id: agent }, plan);
    return { status: 200, body: dryRunView(made) };
  } catch (error) {
    const problem = problemOf(error);
    if (problem.status >= 500) throw error;
    return { status: problem.status, body: problem };
  }
});
