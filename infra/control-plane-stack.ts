import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Auditor } from './auditor.ts';
import { ControlPlaneApi } from './control-plane-api.ts';
import { ControlPlaneTables } from './control-plane-tables.ts';
import { DeadLetters } from './dead-letters.ts';
import { EvidenceArchive } from './evidence-archive.ts';
import { KillSwitchRule } from './kill-switch-rule.ts';
import { killSwitchName, serviceName } from './names.ts';
import { Observability } from './observability.ts';
import { ProtocolMachine } from './protocol-machine.ts';
import { Reconciler } from './reconciler.ts';
import { RESERVED_CONCURRENCY } from './reserved-concurrency.ts';
import type { Settings } from './settings.ts';
import { SigningKey } from './signing-key.ts';
import { POLICY_FILES, TaskFunction } from './task-function.ts';
import { Vault } from './vault.ts';

/** The control plane of one stage: state and evidence, the tasks, and the protocol they follow. */
export class ControlPlaneStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { readonly settings: Settings }) {
    super(scope, id, props);
    const { settings } = props;
    const { stage, deletionProtection, logRetentionDays, tracing } = settings;
    const killSwitch = killSwitchName(stage);
    const tables = new ControlPlaneTables(this, 'Tables', { deletionProtection });
    const shared = sharedBy(settings, tables);
    const tasks = transactionTasks(this, shared);
    const { Preflight, Authorize, Execute, Verify, Compensate, Seal } = tasks;
    for (const { role } of Object.values(tasks)) tables.grantChange(role);
    tables.grantDecide(Authorize.role);
    for (const { role } of [Execute, Verify, Compensate, Seal]) tables.grantConsume(role);
    for (const task of [Preflight, Authorize, Compensate]) task.readsParameter(killSwitch);

    const key = new SigningKey(this, 'Key', { signer: Seal.role, deletionProtection });
    Seal.function.addEnvironment('SIGNING_KEY', key.keyArn);

    const vault = new Vault(this, 'Vault', {
      ...shared,
      stage,
      targetAccounts: settings.targetAccounts,
    });
    tables.grantRead(vault.vendCredentials.role);
    for (const task of [Preflight, Authorize, Execute, Verify, Compensate]) vault.serves(task);

    const { machine } = new ProtocolMachine(this, 'Transaction', {
      file: 'transaction',
      logRetentionDays,
      tracing,
      tasks,
    });
    const api = new ControlPlaneApi(this, 'Api', {
      ...{ settings, killSwitch, tables, machine, key, vault },
      shared: { ...shared, files: POLICY_FILES },
    });
    const deadLetters = new DeadLetters(this, 'DeadLetters');
    const auditor = new Auditor(this, 'Auditor', {
      shared,
      settings,
      deadLetters,
      api: api.agents,
    });
    const { reconcile } = new Reconciler(this, 'Reconciler', { ...shared, machine, deadLetters });
    tables.grantChange(reconcile.role);
    reconcile.readsParameter(killSwitch);
    const changed = { ...shared, parameter: killSwitch, deadLetters };
    const { follow } = new KillSwitchRule(this, 'KillSwitch', changed);
    tables.grantChange(follow.role);

    const { archive, bucket } = new EvidenceArchive(this, 'Archive', {
      ...shared,
      tables,
      deadLetters,
      deletionProtection,
      lock: settings.archive,
    });
    new Observability(this, 'Observability', {
      service: serviceName(stage),
      ...{ deadLetters, archive: archive.function, email: settings.alarmEmail },
    });

    this.output({
      TransactionsTable: tables.transactions.tableName,
      EvidenceTable: tables.evidence.tableName,
      DecisionsTable: tables.decisions.tableName,
      KillSwitchParameter: killSwitch,
      SigningKey: key.keyArn,
      ArchiveBucket: bucket.bucketName,
      TransactionMachine: machine.stateMachineArn,
      ...api.outputs,
      ...auditor.outputs,
    });
  }

  private output(outputs: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

/** The tasks of a transaction, by the names of their states. */
function transactionTasks(scope: Construct, shared: ReturnType<typeof sharedBy>) {
  const deciding = { ...shared, files: POLICY_FILES };
  return {
    Preflight: new TaskFunction(scope, 'Preflight', { ...deciding, entry: 'preflight' }),
    Authorize: new TaskFunction(scope, 'Authorize', { ...deciding, entry: 'authorize' }),
    Execute: new TaskFunction(scope, 'Execute', { ...shared, entry: 'execute' }),
    Verify: new TaskFunction(scope, 'Verify', { ...deciding, entry: 'verify' }),
    Compensate: new TaskFunction(scope, 'Compensate', { ...deciding, entry: 'compensate' }),
    Escalate: new TaskFunction(scope, 'Escalate', { ...shared, entry: 'escalate' }),
    Seal: new TaskFunction(scope, 'Seal', { ...shared, entry: 'seal' }),
  };
}

/** What all functions have in common. */
function sharedBy(settings: Settings, tables: ControlPlaneTables) {
  const { stage, architecture, logRetentionDays, tracing, timing, highThroughputSsm } = settings;
  const environment = {
    POWERTOOLS_SERVICE_NAME: serviceName(stage),
    TRANSACTIONS_TABLE: tables.transactions.tableName,
    EVIDENCE_TABLE: tables.evidence.tableName,
    DECISIONS_TABLE: tables.decisions.tableName,
    KILL_SWITCH_PARAMETER: killSwitchName(stage),
    SETTLE_MS: `${timing.settleMs}`,
    EFFECT_MS: `${timing.effectMs}`,
    SKEW_MS: `${timing.skewMs}`,
    LEASE_MS: `${timing.leaseMs}`,
    APPROVAL_MS: `${timing.approvalMs}`,
  };
  const reservedConcurrency = highThroughputSsm ? {} : RESERVED_CONCURRENCY;
  return { architecture, logRetentionDays, tracing, environment, reservedConcurrency };
}
