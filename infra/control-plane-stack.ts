import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AccountLog } from './account-log.ts';
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
    const deadLetters = new DeadLetters(this, 'DeadLetters');
    const tasks = transactionTasks(this, shared, deadLetters);
    const { Preflight, Authorize, Execute, Verify, Compensate, Seal } = tasks;
    grantStore(tables, tasks);
    for (const task of [Preflight, Authorize, Compensate]) task.readsParameter(killSwitch);
    const { key, keys } = sealKeys(this, settings, Seal);

    const archive = new EvidenceArchive(this, 'Archive', {
      ...shared,
      tables,
      deadLetters,
      deletionProtection,
      lock: settings.archive,
    });
    const log = new AccountLog(this, 'Log', {
      ...shared,
      ...{ tables, archive, deadLetters, deletionProtection },
      seal: Seal,
      sealKeys: keys,
    });

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
      ...{ settings, killSwitch, tables, machine, key, vault, logKey: log.key },
      shared: { ...shared, files: POLICY_FILES },
    });
    const auditor = new Auditor(this, 'Auditor', {
      shared,
      settings,
      deadLetters,
      api: api.agents,
    });
    const { reconcile } = new Reconciler(this, 'Reconciler', { ...shared, machine, deadLetters });
    tables.grantChange(reconcile.role);
    tables.grantReadPending(reconcile.role);
    reconcile.readsParameter(killSwitch);
    const changed = { ...shared, parameter: killSwitch, deadLetters };
    const { follow } = new KillSwitchRule(this, 'KillSwitch', changed);
    tables.grantChange(follow.role);

    new Observability(this, 'Observability', {
      service: serviceName(stage),
      ...{
        deadLetters,
        archive: archive.archive.function,
        sequence: log.sequence.function,
        email: settings.alarmEmail,
      },
    });

    this.output({
      ...tables.outputs,
      KillSwitchParameter: killSwitch,
      SigningKey: key.keyArn,
      LogKey: log.key.keyArn,
      ArchiveBucket: archive.bucket.bucketName,
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
function transactionTasks(
  scope: Construct,
  shared: ReturnType<typeof sharedBy>,
  deadLetters: DeadLetters,
) {
  const deciding = { ...shared, files: POLICY_FILES };
  return {
    Preflight: new TaskFunction(scope, 'Preflight', { ...deciding, entry: 'preflight' }),
    Authorize: new TaskFunction(scope, 'Authorize', { ...deciding, entry: 'authorize' }),
    Execute: new TaskFunction(scope, 'Execute', { ...shared, entry: 'execute' }),
    Verify: new TaskFunction(scope, 'Verify', { ...deciding, entry: 'verify' }),
    Compensate: new TaskFunction(scope, 'Compensate', { ...deciding, entry: 'compensate' }),
    Escalate: new TaskFunction(scope, 'Escalate', { ...shared, entry: 'escalate' }),
    // A rule sends it the control streams.
    Seal: new TaskFunction(scope, 'Seal', { ...shared, deadLetters, entry: 'seal' }),
  };
}

/** What each task does in the tables. */
function grantStore(tables: ControlPlaneTables, tasks: ReturnType<typeof transactionTasks>): void {
  const { Authorize, Execute, Verify, Compensate, Seal } = tasks;
  for (const { role } of Object.values(tasks)) tables.grantChange(role);
  tables.grantDecide(Authorize.role);
  for (const { role } of [Execute, Verify, Compensate, Seal]) tables.grantConsume(role);
  tables.grantSeal(Seal.role);
}

/** The key that seals, and all that ever did. */
function sealKeys(
  scope: Construct,
  { sealKeys: count, deletionProtection }: Settings,
  { role, function: seal }: TaskFunction,
) {
  const keys = Array.from({ length: count }, (_, index) => {
    const signer = index === count - 1 ? role : undefined;
    const id = index === 0 ? 'Key' : `Key${index + 1}`;
    return new SigningKey(scope, id, { signs: 'seals', signer, deletionProtection });
  });
  const key = keys[count - 1] as SigningKey;
  seal.addEnvironment('SIGNING_KEY', key.keyArn);
  return { key, keys };
}

/** What all functions have in common. */
function sharedBy(settings: Settings, tables: ControlPlaneTables) {
  const { stage, architecture, logRetentionDays, tracing, timing, highThroughputSsm } = settings;
  const environment = {
    POWERTOOLS_SERVICE_NAME: serviceName(stage),
    TRANSACTIONS_TABLE: tables.transactions.tableName,
    EVIDENCE_TABLE: tables.evidence.tableName,
    DECISIONS_TABLE: tables.decisions.tableName,
    LOG_TABLE: tables.log.tableName,
    PENDING_TABLE: tables.pending.tableName,
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
