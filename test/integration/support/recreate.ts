import type { JsonObject } from '../../../core/json.ts';
import type { CloudRequest } from '../../../core/ports/cloud.ts';
import { ROLE_NAME, TRUST, USER_NAME } from './small-account.ts';
import type { TestWorld } from './world.ts';

/** Deletes the role or user of the small account, whatever it holds by now. */
export async function remove(world: TestWorld, label: 'Role' | 'User'): Promise<void> {
  const admin = world.account.admin();
  const who = whoOf(label);
  const call = async (operation: string, input: JsonObject = {}): Promise<JsonObject> => {
    const request: CloudRequest = { operation: `iam:${operation}`, input: { ...who, ...input } };
    return (await admin.call(request)) as JsonObject;
  };
  const attached = await call(`ListAttached${label}Policies`);
  for (const one of attached['AttachedPolicies'] as readonly JsonObject[])
    await call(`Detach${label}Policy`, { PolicyArn: one['PolicyArn'] ?? '' });
  const inline = await call(`List${label}Policies`);
  for (const PolicyName of inline['PolicyNames'] as readonly string[])
    await call(`Delete${label}Policy`, { PolicyName });
  await call(`Delete${label}`);
}

/** Deletes the role or user and makes another one of the same name, which is granted nothing. */
export async function recreate(world: TestWorld, label: 'Role' | 'User'): Promise<void> {
  await remove(world, label);
  const trust = label === 'Role' ? { AssumeRolePolicyDocument: JSON.stringify(TRUST) } : {};
  await world.outside({
    operation: `iam:Create${label}`,
    input: { ...whoOf(label), Path: '/team/', ...trust },
  });
}

function whoOf(label: 'Role' | 'User'): JsonObject {
  return label === 'Role' ? { RoleName: ROLE_NAME } : { UserName: USER_NAME };
}
