import { agentOfSession } from '../adapters/aws/principals.ts';
import { variable } from './environment.ts';
import { remoteDryRun } from './remote-dry-run.ts';
import { serve } from './serving.ts';

export const handler = serve({
  surface: 'agent',
  dryRun: remoteDryRun,
  callerOf({ identity }, agentRoles) {
    const deployment = { account: variable('ACCOUNT'), stage: variable('STAGE') };
    return agentOfSession(identity?.userArn ?? undefined, agentRoles, deployment);
  },
});
