import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { clientOptions } from './emulator/emulator.ts';
import type { World } from './world.ts';

/** Everything that functions and state machines have logged so far, by the name of the group. */
export async function logsOf({
  emulator,
}: Pick<World, 'emulator'>): Promise<ReadonlyMap<string, string>> {
  const client = new CloudWatchLogsClient(clientOptions(emulator));
  const found = new Map<string, string>();
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {}))
    for (const { logGroupName = '' } of logGroups) {
      const messages: string[] = [];
      for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName }))
        messages.push(...events.map(({ message = '' }) => message));
      found.set(logGroupName, messages.join('\n'));
    }
  return found;
}

/** The same as one text. */
export async function allLogs(world: Pick<World, 'emulator'>): Promise<string> {
  return [...(await logsOf(world)).values()].join('\n');
}
