import { handle } from 'hono/aws-lambda';
import { z } from 'zod';
import { registry } from '../actions/registry.ts';
import { bundleExports } from '../adapters/aws/exports.ts';
import { keepRunning } from '../adapters/aws/reconciler.ts';
import { cedarDecisionPoint } from '../adapters/cedar/decision-point.ts';
import type { AgentRole } from '../adapters/cedar/load.ts';
import { openReplayer } from '../adapters/embedded/replayer.ts';
import { createApi } from '../api/app.ts';
import type { ApiOptions, Surface } from '../api/context.ts';
import { policyList } from '../api/view/policy-list.ts';
import type { Caller } from '../core/tasks/operate.ts';
import { objects } from './clients.ts';
import { variable } from './environment.ts';
import { handler as asHandler, type Handler } from './handler.ts';
import { errorFields, logProblem } from './log.ts';
import { openLogOfBundles } from './logging.ts';
import { once } from './once.ts';
import { openPolicies } from './policies.ts';
import { openSigner } from './signing.ts';
import { contentsOf, openPorts, openRunner } from './wiring.ts';

const Gateway = z.object({
  identity: z.object({ userArn: z.string().nullish() }).optional(),
  authorizer: z.object({ claims: z.unknown() }).nullish(),
});
/** What API Gateway knows of a caller: it has checked the signature, or the token. */
export type Gateway = z.infer<typeof Gateway>;

/** One surface of the API, and who is who on it. */
export interface Serving extends Pick<ApiOptions, 'dryRun'> {
  readonly surface: Exclude<Surface, 'both'>;
  readonly callerOf: (gateway: Gateway, agentRoles: readonly AgentRole[]) => Caller | undefined;
}

/** The Lambda of one surface of the API, behind API Gateway. */
export function serve({ surface, callerOf, ...options }: Serving): Handler {
  const made = once(async () => {
    // Once for those who decide and those who show.
    const loaded = openPolicies();
    const decisionPoint = () => cedarDecisionPoint(loaded);
    const ports = await openPorts({ decisionPoint, signer: openSigner })();
    const runner = openRunner(ports);
    return handle(
      createApi({
        ...options,
        ports,
        log: await openLogOfBundles(),
        surface,
        start: (transaction) => keepRunning(runner, transaction),
        async callerOf({ env }) {
          const gateway = Gateway.safeParse(env.requestContext);
          return gateway.success ? callerOf(gateway.data, loaded.agentRoles) : undefined;
        },
        actions: registry.all,
        policies: () => policyList(loaded),
        contents: openReplayer(contentsOf()).contents,
        presign: bundleExports({ client: objects(), bucket: variable('EXPORT_BUCKET') }),
        version: variable('VERSION'),
        basePath: variable('BASE_PATH'),
        onDefect: (error) => logProblem('request failed', { error: errorFields(error) }),
      }),
    );
  });
  return asHandler(async (event) => (await made())(event as never));
}
