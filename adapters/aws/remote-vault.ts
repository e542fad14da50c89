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
import { type Callee, invoke } from './invoke.ts';

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
export function remoteVault({
  openCloud,
  ...callee
}: Callee & { readonly openCloud: OpenCloud }): Vault {
  return vaultOver((wanted) => vend(callee, wanted), openCloud);
}

/** Opens the cloud of a session. */
export type OpenCloud = (credentials: SessionCredentials) => Cloud;

/** The vault over whatever vends sessions. */
export function vaultOver(
  vend: (wanted: VendRequest) => Promise<Vended>,
  openCloud: OpenCloud,
): Vault {
  const cloudFor = async (wanted: VendRequest) => openCloud((await vend(wanted)).credentials);
  return {
    locate: (wanted) => cloudFor({ session: 'locate', ...named(wanted) }),
    read: (wanted) => cloudFor({ session: 'read', ...named(wanted) }),
    async effect({ attemptId, ...wanted }) {
      const { credentials, policyDigest } = await vend({
        session: 'effect',
        ...named(wanted),
        attemptId,
      });
      if (policyDigest === undefined) throw new InvariantError('an effect has a session policy');
      return { cloud: openCloud(credentials), policyDigest };
    },
  };
}

function named({ transactionId, epoch, stepIndex }: SessionRequest): SessionRequest {
  return { transactionId, epoch, stepIndex };
}

async function vend(callee: Callee, wanted: VendRequest): Promise<Vended> {
  // Vending changes nothing at the target: it may always be asked again.
  const { payload, hasThrown } = await invoke(callee, wanted, 'vault-unreachable');
  if (hasThrown) throw thrown(payload);
  const vended = Vended.safeParse(payload);
  if (!vended.success) throw new TransientError('vault-unreachable', 'the vault gave no session');
  return vended.data;
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
