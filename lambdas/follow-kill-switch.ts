import { followParameter } from '../adapters/aws/parameter-follower.ts';
import { handler as asHandler } from './handler.ts';
import { logDone } from './log.ts';
import { killSwitchParts } from './wiring.ts';

/** Moves the fence to what the kill switch's parameter has engaged; an event is but a hint. */
export const handler = asHandler(async () => {
  for (const { scope, mode } of await followParameter(killSwitchParts()))
    logDone('the fence follows the parameter', { scope, mode });
});
