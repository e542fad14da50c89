import { InvokeCommand } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import { repeatable } from '../adapters/aws/sdk-errors.ts';
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
  const command = new InvokeCommand({
    FunctionName: variable('DRY_RUN_FUNCTION'),
    Payload: JSON.stringify({ agent, plan }),
  });
  const sender = client;
  const { Payload, FunctionError } = await repeatable(UNREACHABLE, () => sender.send(command));
  const answered = Answered.safeParse(
    FunctionError === undefined ? parsed(new TextDecoder().decode(Payload)) : undefined,
  );
  if (!answered.success) throw new TransientError(UNREACHABLE, 'the dry run gave no answer');
  const { status, body } = answered.data;
  const headers = { 'content-type': status === 200 ? 'application/json' : PROBLEM_TYPE };
  return new Response(JSON.stringify(body), { status, headers });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
