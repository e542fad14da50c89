import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type STSClient,
} from '@aws-sdk/client-sts';
import type { SessionCredentials } from './remote-vault.ts';
import { repeatable } from './sdk-errors.ts';

/** The shortest session of STS ("AssumeRole", STS API reference). */
const SESSION_SECONDS = 900;

/** Credentials of a new session, as short as there are. Throws `TransientError`, what STS throws. */
export async function assumeRole(
  sts: STSClient,
  session: Omit<AssumeRoleCommandInput, 'DurationSeconds'>,
): Promise<SessionCredentials> {
  const command = new AssumeRoleCommand({ ...session, DurationSeconds: SESSION_SECONDS });
  const { Credentials } = await repeatable('sts-unreachable', () => sts.send(command));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  };
}
