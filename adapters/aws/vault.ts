import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { LOCATE_ACTIONS } from '../../actions/iam/locate.ts';
import {
  CloudRefusedError,
  DecisionError,
  InvalidInputError,
  InvariantError,
  StaleStateError,
} from '../../core/errors.ts';
import { sha256Hex } from '../../core/hash.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import type { Actions } from '../../core/ports/actions.ts';
import type { Cloud } from '../../core/ports/cloud.ts';
import type { Store } from '../../core/ports/store.ts';
import type { SessionRequest, Vault } from '../../core/ports/vault.ts';
import { sessionPolicyText } from '../../core/session-policy.ts';
import type { Claim, Transaction } from '../../core/transaction.ts';
import type { SessionCredentials, Vended, VendRequest } from './remote-vault.ts';
import { failureOf, nameOf, repeatable } from './sdk-errors.ts';

/** The shortest session of STS ("AssumeRole", STS API reference). */
const SESSION_SECONDS = 900;
const SESSION_NAME_CHARACTERS_MAX = 64;
/** What preflight may read to find a plan's targets: the only session with a wildcard. */
const LOCATE_POLICY = sessionPolicyText([{ actions: LOCATE_ACTIONS, resources: ['*'] }]);

export interface VendingParts {
  readonly store: Pick<Store, 'load' | 'claims'>;
  readonly actions: Pick<Actions, 'byId'>;
  /** Without retries of its own or with: AssumeRole changes nothing. */
  readonly sts: STSClient;
  /** The action role of a target, from deployed configuration; undefined is not governed. */
  readonly roleArnOf: (target: Plan['target']) => string | undefined;
}

/**
 * Vends credentials for one session. Role and session policy come from the stored transaction, the
 * caller only names it. Throws what the port `Vault` says, `InvalidInputError` for a target that is
 * not governed (`account-not-governed`) or a policy that STS finds too large
 * (`session-policy-too-large`), `CloudRefusedError` when the role may not be assumed.
 */
export function sessionVendor(parts: VendingParts): (wanted: VendRequest) => Promise<Vended> {
  return async (wanted) => {
    const transaction = await currentOf(parts, wanted);
    switch (wanted.session) {
      case 'locate': {
        if (transaction.cursor.phase !== 'preflight')
          throw new StaleStateError(`\`${transaction.id}\` is past preflight`);
        const session = { sessionPolicy: LOCATE_POLICY, purpose: 'locate' };
        return { credentials: await assume(parts, { transaction, wanted, session }) };
      }
      case 'read': {
        const { read } = permissionsOf(parts, transaction, wanted.stepIndex);
        const session = { sessionPolicy: sessionPolicyText(read), purpose: 'read' };
        return { credentials: await assume(parts, { transaction, wanted, session }) };
      }
      case 'effect': {
        const claim = await claimFor(parts, transaction, wanted);
        const permissions = permissionsOf(parts, transaction, claim.stepIndex);
        const sessionPolicy = sessionPolicyText(permissions[claim.kind], claim.effectDeadline);
        const session = { sessionPolicy, purpose: `${claim.kind}.${claim.attempt}` };
        const credentials = await assume(parts, { transaction, wanted, session });
        return { credentials, policyDigest: sha256Hex(sessionPolicy) };
      }
    }
  };
}

/** The vault in one process: vends and opens. Only who may assume the action roles can use it. */
export function awsVault({
  openCloud,
  ...parts
}: VendingParts & { readonly openCloud: (credentials: SessionCredentials) => Cloud }): Vault {
  const vend = sessionVendor(parts);
  const cloudFor = async (wanted: VendRequest) => openCloud((await vend(wanted)).credentials);
  return {
    locate: (request) => cloudFor({ ...request, session: 'locate' }),
    read: (request) => cloudFor({ ...request, session: 'read' }),
    async effect(request) {
      const { credentials, policyDigest } = await vend({ ...request, session: 'effect' });
      if (policyDigest === undefined) throw new InvariantError('an effect has a session policy');
      return { cloud: openCloud(credentials), policyDigest };
    },
  };
}

async function currentOf(
  { store }: VendingParts,
  { transactionId, epoch }: SessionRequest,
): Promise<Transaction> {
  const transaction = await store.load(transactionId);
  if (transaction?.epoch === epoch) return transaction;
  throw new StaleStateError(`epoch ${epoch} of \`${transactionId}\` is over`);
}

async function claimFor(
  { store }: VendingParts,
  transaction: Transaction,
  { stepIndex, attemptId }: SessionRequest & { readonly attemptId: string },
): Promise<Claim> {
  const claims = await store.claims(transaction.id);
  const claim = claims.find((one) => one.attemptId === attemptId);
  if (claim?.stepIndex !== stepIndex)
    throw new DecisionError('claim-unknown', 'there is no such claim');
  if (claim.epoch !== transaction.epoch)
    throw new DecisionError('claim-stale', 'the claim is of another epoch');
  if (claim.policyDigest !== undefined || claim.answer !== undefined)
    throw new DecisionError('claim-vended', 'the claim has had its session');
  return claim;
}

function permissionsOf({ actions }: VendingParts, transaction: Transaction, stepIndex: number) {
  const step = transaction.plan.steps[stepIndex];
  const target = transaction.targets?.[stepIndex];
  const action = step === undefined ? undefined : actions.byId(step.action);
  if (step === undefined || target === undefined || action === undefined)
    throw new InvariantError(`step ${stepIndex} of \`${transaction.id}\` was not located`);
  return action.permissions(target, step.input as JsonObject);
}

interface Session {
  readonly transaction: Transaction;
  readonly wanted: SessionRequest;
  readonly session: { readonly sessionPolicy: string; readonly purpose: string };
}

async function assume(
  { sts, roleArnOf }: VendingParts,
  { transaction, wanted, session }: Session,
): Promise<SessionCredentials> {
  const { id, agent, plan } = transaction;
  const { accountId } = plan.target;
  const RoleArn = roleArnOf(plan.target);
  if (RoleArn === undefined)
    throw new InvalidInputError('account-not-governed', `no role is known in \`${accountId}\``);
  const name = `${id}.${wanted.stepIndex}.${session.purpose}`;
  const command = new AssumeRoleCommand({
    RoleArn,
    RoleSessionName: name.slice(0, SESSION_NAME_CHARACTERS_MAX),
    SourceIdentity: agent,
    Policy: session.sessionPolicy,
    DurationSeconds: SESSION_SECONDS,
    Tags: [
      { Key: 'transaction', Value: id },
      { Key: 'step', Value: String(wanted.stepIndex) },
    ],
  });
  try {
    const answer = await repeatable('sts-unreachable', () => sts.send(command));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = answer.Credentials ?? {};
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
  } catch (cause) {
    throw refusalOf(cause, accountId);
  }
}

function refusalOf(cause: unknown, accountId: string): unknown {
  const code = nameOf(cause).replace(/Exception$/, '');
  if (code === 'PackedPolicyTooLarge')
    return new InvalidInputError('session-policy-too-large', 'STS finds the session too large', {
      cause,
    });
  if (failureOf(cause) !== 'refused') return cause;
  const message = `the action role in \`${accountId}\` may not be assumed`;
  return new CloudRefusedError(code, message, { cause });
}
