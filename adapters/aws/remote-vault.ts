import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import {
  CloudRefusedError,
  DecisionError,
  type InterlockError,
  InvalidInputError,
  InvariantError,
  StaleStateError,
  TransientError,
} from '../../core/errors.ts';
import type { Cloud } from '../../core/ports/cloud.ts';
import type { SessionRequest, Vault } from '../../core/ports/vault.ts';
import { repeatable } from './sdk-errors.ts';

/** Credentials of one session, as STS gives them. */
export const SessionCredentials = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().min(1),
});
export type SessionCredentials = z.infer<typeof SessionCredentials>;

const request = {
  transactionId: z.string().min(1).max(64),
  epoch: z.int().min(0),
  stepIndex: z.int().min(0),
};

/** What the vault's Lambda is asked for. */
export const VendRequest = z.discriminatedUnion('session', [
  z.strictObject({ session: z.literal('locate'), ...request }),
  z.strictObject({ session: z.literal('read'), ...request }),
  z.strictObject({ session: z.literal('effect'), ...request, attemptId: z.string().max(64) }),
]);
export type VendRequest = z.infer<typeof VendRequest>;

const Vended = z.object({
  credentials: SessionCredentials,
  /** Of an effect alone. */
  policyDigest: z.string().exactOptional(),
});
/** What it answers. */
export type Vended = z.infer<typeof Vended>;

/** The vault behind its Lambda: the caller has no other way to a target, and may assume no role. */
export function remoteVault(parts: {
  readonly client: LambdaClient;
  readonly functionName: string;
  readonly openCloud: (credentials: SessionCredentials) => Cloud;
}): Vault {
  const cloudFor = async (wanted: VendRequest) =>
    parts.openCloud((await vend(parts, wanted)).credentials);
  return {
    locate: (wanted) => cloudFor({ session: 'locate', ...named(wanted) }),
    read: (wanted) => cloudFor({ session: 'read', ...named(wanted) }),
    async effect({ attemptId, ...wanted }) {
      const vended = await vend(parts, { session: 'effect', ...named(wanted), attemptId });
      const { credentials, policyDigest } = vended;
      if (policyDigest === undefined) throw new InvariantError('an effect has a session policy');
      return { cloud: parts.openCloud(credentials), policyDigest };
    },
  };
}

function named({ transactionId, epoch, stepIndex }: SessionRequest): SessionRequest {
  return { transactionId, epoch, stepIndex };
}

async function vend(
  { client, functionName }: { readonly client: LambdaClient; readonly functionName: string },
  wanted: VendRequest,
): Promise<Vended> {
  const command = new InvokeCommand({
    FunctionName: functionName,
    Payload: JSON.stringify(wanted),
  });
  // Vending changes nothing at the target: it may always be asked again.
  const answer = await repeatable('vault-unreachable', () => client.send(command));
  const payload = parsePayload(answer.Payload);
  if (answer.FunctionError !== undefined) throw thrown(payload);
  const vended = Vended.safeParse(payload);
  if (!vended.success) throw new TransientError('vault-unreachable', 'the vault gave no session');
  return vended.data;
}

function parsePayload(payload: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}

const Thrown = z.object({ errorType: z.string(), errorMessage: z.string() });
/** By their literal names, which cross the wire; the message is the code. */
const THROWN: Readonly<Record<string, (code: string) => InterlockError>> = {
  CloudRefusedError: (code) => new CloudRefusedError(code, 'the action role cannot be assumed'),
  DecisionError: (code) => new DecisionError(code, 'the vault refuses the claim'),
  InvalidInputError: (code) => new InvalidInputError(code, 'the session cannot be made'),
  InvariantError: () => new InvariantError('the vault met the impossible'),
  StaleStateError: () => new StaleStateError('the vault knows a newer epoch or phase'),
};

function thrown(payload: unknown): InterlockError {
  const parsed = Thrown.safeParse(payload);
  const { errorType = '', errorMessage = '' } = parsed.data ?? {};
  const make = Object.hasOwn(THROWN, errorType) ? THROWN[errorType] : undefined;
  if (make !== undefined) return make(errorMessage);
  // It crashed, was stopped, or was throttled itself: no session was used by anybody.
  return new TransientError('vault-unreachable', `the vault failed: ${errorType || 'unknown'}`);
}
