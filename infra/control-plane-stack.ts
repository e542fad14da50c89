import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ControlPlaneApi } from './control-plane-api.ts';
import { ControlPlaneTables } from './control-plane-tables.ts';
import { DeadLetters } from './dead-letters.ts';
import { EvidenceArchive } from './evidence-archive.ts';
import { killSwitchName, serviceName } from './names.ts';
import { Observability } from './observability.ts';
import { Reconciler } from './reconciler.ts';
import { RESERVED_CONCURRENCY } from './reserved-concurrency.ts';
import type { Settings } from './settings.ts';
import { SigningKey } from './signing-key.ts';
import { POLICY_FILES, TaskFunction } from './task-function.ts';
import { TransactionMachine } from './transaction-machine.ts';
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
    const deciding = { ...shared, files: POLICY_FILES };

    const preflight = new TaskFunction(this, 'Preflight', { ...deciding, entry: 'preflight' });
    const authorize = new TaskFunction(this, 'Authorize', { ...deciding, entry: 'authorize' });
    const execute = new TaskFunction(this, 'Execute', { ...shared, entry: 'execute' });
    const verify = new TaskFunction(this, 'Verify', { ...deciding, entry: 'verify' });
    const compensate = new TaskFunction(this, 'Compensate', { ...deciding, entry: 'compensate' });
    const escalate = new TaskFunction(this, 'Escalate', { ...shared, entry: 'escalate' });
    const seal = new TaskFunction(this, 'Seal', { ...shared, entry: 'seal' });

    const writers = [preflight, authorize, execute, verify, compensate, escalate, seal];
    for (const { role } of writers) tables.grantChange(role);
    tables.grantDecide(authorize.role);
    for (const { role } of [execute, verify, compensate, seal]) tables.grantConsume(role);
    for (const task of [preflight, authorize, compensate]) task.readsParameter(killSwitch);

    const key = new SigningKey(this, 'Key', { signer: seal.role, deletionProtection });
    seal.function.addEnvironment('SIGNING_KEY', key.keyArn);

    const vault = new Vault(this, 'Vault', {
      ...shared,
      stage,
      targetAccounts: settings.targetAccounts,
    });
    tables.grantRead(vault.vendCredentials.role);
    for (const task of [preflight, authorize, execute, verify, compensate]) vault.serves(task);

    const { machine } = new TransactionMachine(this, 'Transaction', {
      logRetentionDays,
      tracing,
      tasks: {
        Preflight: preflight,
        Authorize: authorize,
        Execute: execute,
        Verify: verify,
        Compensate: compensate,
        Escalate: escalate,
        Seal: seal,
      },
    });
    const api = new ControlPlaneApi(this, 'Api', {
      ...{ settings, killSwitch, tables, machine, key, vault },
      shared: deciding,
    });
    const deadLetters = new DeadLetters(this, 'DeadLetters');
    const { reconcile } = new Reconciler(this, 'Reconciler', { ...shared, machine, deadLetters });
    tables.grantChange(reconcile.role);
    reconcile.readsParameter(killSwitch);

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
    });
  }

  private output(outputs: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
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
  };
  const reservedConcurrency = highThroughputSsm ? {} : RESERVED_CONCURRENCY;
  return { architecture, logRetentionDays, tracing, environment, reservedConcurrency };
}
