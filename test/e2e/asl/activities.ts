import {
  GetActivityTaskCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { Outcome } from './cases.ts';

/** What tasks answer. */
export interface Script {
  /** The outcomes that are left of each case. */
  readonly left: ReadonlyMap<string, Outcome[]>;
  /** The cases whose last task was given to nobody. */
  readonly held: Set<string>;
}

/** Answers the tasks of one activity as the script has it, until it is stopped. */
export async function answerTasks(
  client: SFNClient,
  activityArn: string,
  script: Script,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const command = new GetActivityTaskCommand({ activityArn });
      const { taskToken, input } = await client.send(command, { abortSignal: signal });
      if (taskToken === undefined) continue;
      const id = (JSON.parse(input ?? '{}') as { readonly case: string }).case;
      await answer(client, taskToken, id, script);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

async function answer(client: SFNClient, taskToken: string, id: string, script: Script) {
  const outcome = script.left.get(id)?.shift();
  switch (outcome?.kind) {
    case undefined:
      script.held.add(id);
      return;
    case 'returned': {
      const output = JSON.stringify(outcome.output);
      await client.send(new SendTaskSuccessCommand({ taskToken, output }));
      return;
    }
    case 'threw': {
      const { error, cause } = outcome;
      await client.send(new SendTaskFailureCommand({ taskToken, error, cause }));
    }
  }
}
