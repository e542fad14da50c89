import { iamSessions } from '../../../adapters/aws/cloud.ts';
import type { CloudRequest } from '../../../core/ports/cloud.ts';

/** What the program is asked for by a message, which it answers with one of {@link Outcome}. */
export interface Wanted {
  readonly endpoint: string;
  readonly timeoutMs: number;
  readonly request: CloudRequest;
}

/** The name and code of the error of a call; empty when there was none. */
export interface Outcome {
  readonly name: string;
  readonly code: string;
}

// A program of its own: under jest the network's errors are of another realm, which the SDK does
// not take for errors and strips of their codes.
process.on('message', async ({ endpoint, timeoutMs, request }: Wanted) => {
  const cloud = iamSessions({ region: 'us-east-1', endpoint, timeoutMs })({
    accessKeyId: 'id',
    secretAccessKey: 'key',
    sessionToken: 'token',
  });
  const outcome = await cloud.call(request).then(
    () => ({ name: '', code: '' }),
    ({ name, code }: Outcome) => ({ name, code }),
  );
  process.send?.(outcome);
});
