import type { STSClient } from '@aws-sdk/client-sts';
import { LOCATE_ACTIONS } from '../../actions/iam/locate.ts';
import { CloudRefusedError, InvalidInputError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/hash.ts';
import type { Plan } from '../../core/plan.ts';
import type { Vault } from '../../core/ports/vault.ts';
import { type GrantingParts, grantSession, type SessionGrant } from '../../core/vending.ts';
import { assumeRole } from './assume-role.ts';
import {
  type OpenCloud,
  type SessionCredentials,
  type Vended,
  type VendRequest,
  vaultOver,
} from './remote-vault.ts';
import { failureOf, nameOf } from './sdk-errors.ts';

const SESSION_NAME_CHARACTERS_MAX = 64;

export interface VendingParts extends Omit<GrantingParts, 'locateActions'> {
  /** Without retries of its own or with: AssumeRole changes nothing. */
  readonly sts: STSClient;
  /** The action role of a target, from deployed configuration; undefined is not governed. */
  readonly roleArnOf: (target: Plan['target']) => string | undefined;
}

/**
 * Vends credentials for one session. Role and session policy come from the stored transaction, the
 * caller only names it. Throws what `grantSession` says, `InvalidInputError` for a target that is
 * not governed (`account-not-governed`) or a policy that STS finds too large
 * (`session-policy-too-large`), `CloudRefusedError` when the role may not be assumed.
 */
export function sessionVendor(parts: VendingParts): (wanted: VendRequest) => Promise<Vended> {
  return async (wanted) => {
    const grant = await grantSession({ ...parts, locateActions: LOCATE_ACTIONS }, wanted);
    const credentials = await assume(parts, wanted.stepIndex, grant);
    if (wanted.session !== 'effect') return { credentials };
    return { credentials, policyDigest: sha256Hex(grant.sessionPolicy) };
  };
}

/** The vault in one process: vends and opens. Only who may assume the action roles can use it. */
export function awsVault({
  openCloud,
  ...parts
}: VendingParts & { readonly openCloud: OpenCloud }): Vault {
  return vaultOver(sessionVendor(parts), openCloud);
}

async function assume(
  { sts, roleArnOf }: VendingParts,
  stepIndex: number,
  { transaction, sessionPolicy, purpose }: SessionGrant,
): Promise<SessionCredentials> {
  const { id, agent, plan } = transaction;
  const { accountId } = plan.target;
  const RoleArn = roleArnOf(plan.target);
  if (RoleArn === undefined)
    throw new InvalidInputError('account-not-governed', `no role is known in \`${accountId}\``);
  const name = `${id}.${stepIndex}.${purpose}`;
  try {
    return await assumeRole(sts, {
      RoleArn,
      RoleSessionName: name.slice(0, SESSION_NAME_CHARACTERS_MAX),
      SourceIdentity: agent,
      Policy: sessionPolicy,
      Tags: [
        { Key: 'transaction', Value: id },
        { Key: 'step', Value: String(stepIndex) },
      ],
    });
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
