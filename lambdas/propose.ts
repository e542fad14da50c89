import { z } from 'zod';
import { ensureStarted, executionName } from '../adapters/aws/runner.ts';
import { parseStrictJson } from '../api/strict-json.ts';
import { propose } from '../core/tasks/propose.ts';
import { handler as asHandler, parseEvent } from './handler.ts';
import { decisionPoint } from './policies.ts';
import { openPorts, openRunner } from './wiring.ts';

const Proposal = z.strictObject({
  /** JSON text: a number that no double can hold is refused, not rounded. */
  plan: z.string(),
  idempotencyKey: z.string(),
  actor: z.string().regex(/^(agent|operator):[A-Za-z0-9_.@-]{2,64}$/),
});
const open = openPorts({ decisionPoint });

/** Accepts a plan and starts it; the same key again is the same transaction. */
export const handler = asHandler(async (event) => {
  const { plan, ...who } = parseEvent(Proposal, event);
  const ports = await open();
  const proposed = await propose(ports, { ...who, plan: parseStrictJson(plan, 'plan') });
  const started = await ensureStarted(openRunner(ports), proposed.transaction);
  const { id, epoch, status } = started;
  const execution = executionName(started);
  return { transactionId: id, epoch, status, isNew: proposed.isNew, execution };
});
