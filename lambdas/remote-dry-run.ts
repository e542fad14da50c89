import { z } from 'zod';
import { invoke } from '../adapters/aws/invoke.ts';
import { PROBLEM_TYPE } from '../api/problem.ts';
import { TransientError } from '../core/errors.ts';
import type { Caller } from '../core/tasks/operate.ts';
import { functions } from './clients.ts';
import { variable } from './environment.ts';

/** What the dry run's Lambda is asked: by whom, and what. */
export const DryRunRequest = z.strictObject({ agent: z.string().max(64), plan: z.unknown() });

const Answered = z.object({ status: z.int().min(200).max(499), body: z.looseObject({}) });
const UNREACHABLE = 'dry-run-unreachable';
let client: ReturnType<typeof functions> | undefined;

/** Has the dry run's Lambda answer a request. Throws `TransientError` when it does not. */
export async function remoteDryRun({ id: agent }: Caller, plan: unknown): Promise<Response> {
  client ??= functions();
  const callee = { client, functionName: variable('DRY_RUN_FUNCTION') };
  const { payload, hasThrown } = await invoke(callee, { agent, plan }, UNREACHABLE);
  const answered = Answered.safeParse(hasThrown ? undefined : payload);
  if (!answered.success) throw new TransientError(UNREACHABLE, 'the dry run gave no answer');
  const { status, body } = answered.data;
  const headers = { 'content-type': status === 200 ? 'application/json' : PROBLEM_TYPE };
  return new Response(JSON.stringify(body), { status, headers });
}
