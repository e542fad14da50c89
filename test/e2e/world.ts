import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateRoleCommand,
  GetAccountAuthorizationDetailsCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  paginateListFunctions,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  DescribeExecutionCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { awsKillSwitch } from '../../adapters/aws/kill-switch.ts';
import { dynamoStore } from '../../adapters/aws/store.ts';
import type { Plan } from '../../core/plan.ts';
import type { KillMode, KillSetting } from '../../core/ports/kill-switch.ts';
import type { Store } from '../../core/ports/store.ts';
import { recordOfFact } from '../../core/tasks/control.ts';
import { isFinal, type Status, type Transaction } from '../../core/transaction.ts';
import { deployedTables } from './deployed-tables.ts';
import { type Context, deploy, type Outputs, outputOf } from './deployment.ts';

export { outputOf };

import { ACCOUNT, policyOf } from './emulator/account.ts';
import { clientOptions, type Emulator, startEmulator } from './emulator/emulator.ts';
import { untilHolds } from './emulator/until.ts';

/** How long a test waits for a transaction to end. */
const END_MS_MAX = 60_000;

/** One deployment on an emulator that enforces IAM. */
export interface World {
  readonly emulator: Emulator;
  readonly outputs: Outputs;
  /** The names of the functions by their files in `lambdas/`. */
  readonly functions: ReadonlyMap<string, string>;
  readonly iam: IAMClient;
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;
  readonly ssm: SSMClient;
  readonly dynamo: DynamoDBClient;
  readonly store: Store;
  /** Moves the kill switch as API and CLI do. */
  setKillSwitch(mode: KillMode, scope?: string): Promise<void>;
  stop(): Promise<void>;
}

/** Deploys both stacks into a fresh emulator. It is halted, as every fresh deployment. */
export async function openWorld(context: Context = {}): Promise<World> {
  return openWorldOn(await startEmulator({ auth: true }), context);
}

/** Deploys both stacks into an emulator, which is stopped when that fails. */
export async function openWorldOn(emulator: Emulator, context: Context = {}): Promise<World> {
  try {
    const outputs = await deploy(emulator, context);
    const options = clientOptions(emulator);
    const dynamo = new DynamoDBClient(options);
    const ssm = new SSMClient(options);
    const tables = deployedTables(outputs);
    const parameter = outputOf(outputs, 'KillSwitchParameter');
    const now = () => Date.now();
    const killSwitch = awsKillSwitch({ client: dynamo, ssm, tables, parameter, now });
    const lambda = new LambdaClient(options);
    return {
      emulator,
      outputs,
      functions: await functionsOf(lambda),
      iam: new IAMClient(options),
      lambda,
      sfn: new SFNClient(options),
      ssm,
      dynamo,
      store: dynamoStore({ client: dynamo, tables }),
      setKillSwitch(mode, scope = 'all') {
        const setting = { scope, mode, by: 'ops', reason: 'a test', at: now() };
        return killSwitch.set(setting, killRecord(setting));
      },
      stop: () => emulator.stop(),
    };
  } catch (error) {
    await emulator.stop();
    throw error;
  }
}

/** In the stream of today: that of an older day is closed within a minute. */
function killRecord({ scope, mode, reason, at }: KillSetting) {
  const data = { scope, mode, reason };
  return recordOfFact({ kind: 'kill-switch', actor: 'operator:ops', data }, at);
}

/** Calls a Lambda; what it answers, or the name of the error that it threw. */
export async function invoke(
  { lambda, functions }: Pick<World, 'lambda' | 'functions'>,
  entry: string,
  event: unknown,
): Promise<{ readonly answer?: Record<string, unknown>; readonly error?: string }> {
  const FunctionName = functionNamed({ functions }, entry);
  const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) });
  const { Payload, FunctionError } = await lambda.send(command);
  const answer = JSON.parse(new TextDecoder().decode(Payload)) as Record<string, unknown>;
  return FunctionError === undefined ? { answer } : { error: String(answer['errorType']) };
}

/** Changes variables and time-out of a function, whose next call starts anew. */
export async function reconfigure(
  { lambda, functions }: Pick<World, 'lambda' | 'functions'>,
  entry: string,
  change: { readonly variables?: Record<string, string>; readonly timeoutSeconds?: number },
): Promise<void> {
  const FunctionName = functionNamed({ functions }, entry);
  const now = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = { ...now.Environment?.Variables, ...change.variables };
  const Timeout = change.timeoutSeconds ?? now.Timeout;
  const command = { FunctionName, Environment: { Variables }, Timeout };
  await lambda.send(new UpdateFunctionConfigurationCommand(command));
}

/** The name of the function of a file in `lambdas/`. */
export function functionNamed({ functions }: Pick<World, 'functions'>, entry: string): string {
  const name = functions.get(entry);
  if (name === undefined) throw new Error(`no function ${entry} is deployed`);
  return name;
}

/** The name of the role of a function. */
export async function roleOf(
  { lambda, functions }: Pick<World, 'lambda' | 'functions'>,
  entry: string,
): Promise<string> {
  const FunctionName = functionNamed({ functions }, entry);
  const { Role = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  return Role.slice(Role.lastIndexOf('/') + 1);
}

async function functionsOf(client: LambdaClient): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const page of paginateListFunctions({ client }, {}))
    for (const { Description = '', FunctionName = '' } of page.Functions ?? [])
      found.set(Description.replace('Interlock: ', ''), FunctionName);
  return found;
}

/** A policy that allows more than its role needs, and what is left of it afterwards. */
export const WIDE = policyOf({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
export const NARROW = policyOf({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });

/** Makes roles under a path, each with a wide inline policy `wide`; their names. */
export async function makeRoles(
  { iam }: Pick<World, 'iam'>,
  count: number,
): Promise<readonly string[]> {
  const tag = randomUUID().slice(0, 8);
  const names = Array.from({ length: count }, (_, index) => `app-${tag}-${index + 1}`);
  const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' } };
  const AssumeRolePolicyDocument = policyOf({ ...trust, Action: 'sts:AssumeRole' });
  for (const RoleName of names) {
    const role = { RoleName, Path: '/team/', AssumeRolePolicyDocument };
    await iam.send(new CreateRoleCommand(role));
    const wide = { RoleName, PolicyName: 'wide', PolicyDocument: WIDE };
    await iam.send(new PutRolePolicyCommand(wide));
  }
  return names;
}

/** A plan that narrows the policy of each role. */
export function narrowingPlan(
  roles: readonly string[],
  { agent = 'iam-auditor', deadlineMs = 120_000 } = {},
): Plan {
  return {
    agent,
    target: { partition: 'aws', accountId: ACCOUNT },
    purpose: 'allow only what is used',
    deadlineMs,
    steps: roles.map((RoleName, index) => ({
      id: `step-${index + 1}`,
      action: 'iam:PutRolePolicy',
      input: { RoleName, PolicyName: 'wide', PolicyDocument: NARROW },
    })),
  };
}

/** The inline policy documents of roles, and everything else of the account as one text. */
export async function iamState({ iam }: Pick<World, 'iam'>): Promise<string> {
  const details = await iam.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1000 }));
  if (details.IsTruncated === true) throw new Error('the account has more than one page');
  const { $metadata: _, ...account } = details;
  return JSON.stringify(account);
}

/** Waits until a transaction has ended and is sealed. */
export async function ended(
  { store }: Pick<World, 'store'>,
  id: string,
  status?: Status,
): Promise<Transaction> {
  let last: Transaction | undefined;
  await untilHolds(async () => {
    last = await store.load(id);
    return last !== undefined && isFinal(last.status) && last.sealed;
  }, END_MS_MAX).catch((cause: unknown) => {
    throw new Error(`it stays ${last?.status} (${JSON.stringify(last?.cursor)})`, { cause });
  });
  if (last === undefined) throw new Error(`there is no ${id}`);
  if (status !== undefined && last.status !== status)
    throw new Error(`it ended ${last.status}: ${JSON.stringify(last.reason)}`);
  return last;
}

/** The history of one execution that ends by itself, oldest event first. */
export async function historyOf(
  { sfn, outputs }: Pick<World, 'sfn' | 'outputs'>,
  execution: string,
): Promise<readonly HistoryEvent[]> {
  const executionArn = executionArnOf({ outputs }, execution);
  await untilHolds(async () => {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return status !== 'RUNNING';
  });
  const events: HistoryEvent[] = [];
  for await (const page of paginateGetExecutionHistory({ client: sfn }, { executionArn }))
    events.push(...(page.events ?? []));
  return events;
}

/** The ARN of an execution of the transaction's state machine. */
export function executionArnOf({ outputs }: Pick<World, 'outputs'>, execution: string): string {
  const machine = outputOf(outputs, 'TransactionMachine');
  return `${machine.replace(':stateMachine:', ':execution:')}:${execution}`;
}
