import { OpenAPIHono } from '@hono/zod-openapi';
import {
  DeniedError,
  InterlockError,
  InvalidInputError,
  InvariantError,
  NotFoundError,
  UnauthenticatedError,
} from '../core/errors.ts';
import { issueText } from '../core/plan.ts';
import type { Caller } from '../core/tasks/operate.ts';
import type { Api, ApiOptions, Surface } from './context.ts';
import { componentSchemas } from './documents.ts';
import { problemResponse } from './problem.ts';
import { addActionRoutes } from './routes/actions.ts';
import { addApprovalRoutes } from './routes/approvals.ts';
import { addEndRoutes } from './routes/ends.ts';
import { addEvidenceRoutes } from './routes/evidence.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addKillSwitchRoutes } from './routes/kill-switch.ts';
import { addOperatorRoutes } from './routes/operators.ts';
import { addPolicyRoutes } from './routes/policies.ts';
import { addProposalRoutes } from './routes/proposals.ts';
import { addTransactionRoutes } from './routes/transactions.ts';

const INFO = {
  title: 'Interlock',
  description:
    'A transactional control plane for AI agents: plans are proposed, decided by policy, run all or nothing, and proven.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

/**
 * The HTTP API of a control plane, for any runtime that speaks web standards. It serves one
 * surface; a route of the other one is not there. Every error is a problem document (RFC 9457).
 */
export function createApi(options: ApiOptions): Api {
  const { surface, version, onDefect } = options;
  const api: Api = new OpenAPIHono({
    defaultHook(result) {
      if (!result.success) throw new InvalidInputError('invalid-request', issueText(result.error));
    },
  });
  api.onError((error) => {
    const isKnown = error instanceof InterlockError && !(error instanceof InvariantError);
    if (!isKnown) onDefect?.(error);
    return problemResponse(error);
  });
  api.notFound(({ req }) =>
    problemResponse(
      new NotFoundError('route-not-found', `there is no \`${req.path.slice(0, 200)}\``),
    ),
  );
  addHealthRoutes(api, options);
  for (const [name, schema] of Object.entries(componentSchemas(options.actions)))
    api.openAPIRegistry.registerComponent('schemas', name, schema);
  api.doc31('/openapi.json', { openapi: '3.1.0', info: { ...INFO, version } });
  api.use('/v1/*', async (context, next) => {
    const caller = await options.callerOf(context);
    if (caller === undefined)
      throw new UnauthenticatedError('unauthenticated', 'the caller is not known', {
        hint: 'send a token that is valid',
      });
    requireSurface(surface, caller);
    context.set('caller', caller);
    await next();
  });
  addActionRoutes(api, options);
  addPolicyRoutes(api, options);
  addTransactionRoutes(api, options);
  addEvidenceRoutes(api, options);
  addEndRoutes(api, options);
  if (surface !== 'operator') addProposalRoutes(api, options);
  if (surface !== 'agent') {
    addApprovalRoutes(api, options);
    addOperatorRoutes(api, options);
    addKillSwitchRoutes(api, options);
  }
  return api;
}

function requireSurface(surface: Surface, { type }: Caller): void {
  const wanted = { agent: 'Agent', operator: 'Operator', both: type }[surface];
  if (type !== wanted) throw new DeniedError('wrong-surface', `this is not served to ${type}s`);
}
