import { STSClient } from '@aws-sdk/client-sts';
import { registry } from '../actions/registry.ts';
import { dynamoStore } from '../adapters/aws/store.ts';
import { sessionVendor } from '../adapters/aws/vault.ts';
import type { Plan } from '../core/plan.ts';
import { CLIENT, dynamo } from './clients.ts';
import { accountRole } from './environment.ts';
import { tableNames } from './wiring.ts';

/** The action role of a target, where it is of this deployment. */
function roleArnOf({ partition, accountId }: Plan['target']): string | undefined {
  const arn = accountRole(accountId);
  return arn?.startsWith(`arn:${partition}:`) === true ? arn : undefined;
}

/** Vends sessions of the action roles. */
export const vend = sessionVendor({
  store: dynamoStore({ client: dynamo(), tables: tableNames() }),
  actions: registry,
  sts: new STSClient(CLIENT),
  roleArnOf,
});
