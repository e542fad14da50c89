import { STSClient } from '@aws-sdk/client-sts';
import { registry } from '../actions/registry.ts';
import { dynamoStore } from '../adapters/aws/store.ts';
import { sessionVendor } from '../adapters/aws/vault.ts';
import type { Plan } from '../core/plan.ts';
import { CLIENT, dynamo } from './clients.ts';
import { variable } from './environment.ts';
import { tableNames } from './wiring.ts';

/** The action roles of this deployment: `arn:PARTITION:iam::ACCOUNT:role/...`. */
function roleArnOf({ partition, accountId }: Plan['target']): string | undefined {
  const isIn = (arn: string) => arn.startsWith(`arn:${partition}:iam::${accountId}:role/`);
  return variable('ACTION_ROLES').split(' ').find(isIn);
}

/** Vends sessions of the action roles. */
export const vend = sessionVendor({
  store: dynamoStore({ client: dynamo(), tables: tableNames() }),
  actions: registry,
  sts: new STSClient(CLIENT),
  roleArnOf,
});
