import { GetFunctionConfigurationCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { outcomeOf } from './emulator/account.ts';
import { clientOptions } from './emulator/emulator.ts';
import { createFunction } from './emulator/lambda.ts';
import type { World } from './world.ts';

/** The configuration of SDK clients that call as the role of a function. */
export type Session = ReturnType<typeof clientOptions>;
/** One call that a role may make or not. What it would change, a condition keeps from happening. */
export type Attempt = (session: Session) => Promise<unknown>;

const SAY_WHO = `exports.handler = async () => ({
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
});`;

/** A session of the role of every function, by its file in `lambdas/`: one in its place says so. */
export async function sessionsOf(world: World): Promise<ReadonlyMap<string, Session>> {
  const { emulator, lambda, functions } = world;
  const sessions = new Map<string, Session>();
  for (const [entry, FunctionName] of [...functions].filter(([name]) => !name.includes(' '))) {
    const { Role = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const name = `probe-${entry}`;
    await createFunction(emulator, { name, role: Role, text: SAY_WHO });
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: name }));
    const credentials = JSON.parse(new TextDecoder().decode(Payload)) as Session['credentials'];
    sessions.set(entry, { ...clientOptions(emulator), credentials });
  }
  return sessions;
}

/** Who may make each attempt: whoever is answered otherwise than by a denial. */
export async function whoMay<Name extends string>(
  sessions: ReadonlyMap<string, Session>,
  attempts: Readonly<Record<Name, Attempt>>,
): Promise<Readonly<Record<Name, readonly string[]>>> {
  const rows: (readonly [string, readonly string[]])[] = [];
  for (const [name, attempt] of Object.entries<Attempt>(attempts)) {
    const may: string[] = [];
    for (const [entry, session] of sessions) {
      const outcome = await outcomeOf(attempt(session));
      if (!/^AccessDenied/.test(outcome)) may.push(entry);
    }
    rows.push([name, may.sort()]);
  }
  return Object.fromEntries(rows) as Record<Name, readonly string[]>;
}
