import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { repeatable } from './sdk-errors.ts';

/** Which function is asked, and how it is reached. */
export interface Callee {
  readonly client: LambdaClient;
  readonly functionName: string;
}

/** What a function has answered or thrown; undefined where that is no JSON. */
export interface Invoked {
  readonly payload: unknown;
  readonly hasThrown: boolean;
}

/**
 * Calls a function that may always be asked again. Throws `TransientError` (`unreachable`) where
 * Lambda is out of reach.
 */
export async function invoke(
  { client, functionName }: Callee,
  event: object,
  unreachable: string,
): Promise<Invoked> {
  const command = new InvokeCommand({
    FunctionName: functionName,
    Payload: JSON.stringify(event),
  });
  const { Payload, FunctionError } = await repeatable(unreachable, () => client.send(command));
  return { payload: parsed(Payload), hasThrown: FunctionError !== undefined };
}

function parsed(payload: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}
