import { SFNClient } from '@aws-sdk/client-sfn';
import { registry } from '../actions/registry.ts';
import { iamSessions } from '../adapters/aws/cloud.ts';
import { dynamoContents } from '../adapters/aws/contents.ts';
import type { KillSwitchParts } from '../adapters/aws/kill-switch.ts';
import { fencingKillSwitch } from '../adapters/aws/parameter-follower.ts';
import type { ReconcilerParts } from '../adapters/aws/reconciler.ts';
import { remoteVault } from '../adapters/aws/remote-vault.ts';
import { dynamoStore } from '../adapters/aws/store.ts';
import type { TableNames } from '../adapters/aws/tables.ts';
import { keepingPolicies } from '../adapters/cedar/keep-policies.ts';
import { hostClock } from '../adapters/embedded/clock.ts';
import { timedIds } from '../adapters/embedded/ids.ts';
import { InvariantError } from '../core/errors.ts';
import { nodeCrypto } from '../core/evidence/node-crypto.ts';
import type { Contents } from '../core/ports/contents.ts';
import type { DecisionPoint } from '../core/ports/decision-point.ts';
import type { Signer } from '../core/ports/signer.ts';
import type { Ports, Timing } from '../core/tasks/ports.ts';
import { CLIENT, dynamo, functions, parameters } from './clients.ts';
import { milliseconds, variable } from './environment.ts';
import { reportUnreadable } from './metrics.ts';
import { once } from './once.ts';
import { countingOutcomes } from './outcomes.ts';

/** Longer than any answer of IAM; a deployment may have less time for an effect. */
const CLOUD_MS_MAX = 10_000;

/** What only some of the functions have. */
export interface Extras {
  readonly decisionPoint?: () => DecisionPoint;
  readonly signer?: () => Promise<Signer>;
}

/** Opens the ports of one function, once for all its calls; KMS may be out of reach at the first. */
export function openPorts(extras: Extras): () => Promise<Ports> {
  return once(() => open(extras));
}

/** The tables of this deployment. */
export function tableNames(): TableNames {
  return {
    transactions: variable('TRANSACTIONS_TABLE'),
    evidence: variable('EVIDENCE_TABLE'),
    decisions: variable('DECISIONS_TABLE'),
    log: variable('LOG_TABLE'),
    pending: variable('PENDING_TABLE'),
  };
}

/** The contents of this deployment. */
export function contentsOf(client = dynamo()): Contents {
  return dynamoContents(client, tableNames().evidence);
}

/** The kill switch of this deployment: its parameter, and the fence. */
export function killSwitchParts(client = dynamo()): KillSwitchParts {
  return {
    client,
    ssm: parameters(),
    tables: tableNames(),
    parameter: variable('KILL_SWITCH_PARAMETER'),
    now: () => hostClock.now(),
    onUnreadable: reportUnreadable,
  };
}

/** Starts executions of this deployment's state machine. */
export function openRunner(ports: Ports): ReconcilerParts {
  const stateMachineArn = variable('TRANSACTION_MACHINE');
  return { client: new SFNClient(CLIENT), stateMachineArn, ports };
}

async function open({ decisionPoint, signer }: Extras): Promise<Ports> {
  const client = dynamo();
  const timing = timingOfDeployment();
  return {
    store: countingOutcomes(dynamoStore({ client, tables: tableNames() })),
    clock: hostClock,
    ids: timedIds(() => hostClock.now()),
    vault: remoteVault({
      client: functions(),
      functionName: process.env['VAULT_FUNCTION'] ?? 'none',
      openCloud: iamSessions({
        region: variable('AWS_REGION'),
        timeoutMs: Math.min(timing.effectMs, CLOUD_MS_MAX),
      }),
    }),
    killSwitch: fencingKillSwitch(killSwitchParts(client)),
    signer: signer === undefined ? without('signer') : await signer(),
    decisionPoint:
      decisionPoint === undefined
        ? without('decision point')
        : keepingPolicies(decisionPoint(), contentsOf(client)),
    crypto: nodeCrypto,
    actions: registry,
    timing,
  };
}

function timingOfDeployment(): Timing {
  return {
    settleMs: milliseconds('SETTLE_MS'),
    effectMs: milliseconds('EFFECT_MS'),
    skewMs: milliseconds('SKEW_MS'),
    leaseMs: milliseconds('LEASE_MS'),
    approvalMs: milliseconds('APPROVAL_MS'),
  };
}

/** What a function has no grant for, its task must not ask. */
function without<Port extends object>(name: string): Port {
  return new Proxy({} as Port, {
    get: (_, property) => {
      throw new InvariantError(`this function has no ${name}: \`${String(property)}\``);
    },
  });
}
