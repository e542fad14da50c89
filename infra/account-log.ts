import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allowStream, type ControlPlaneTables } from './control-plane-tables.ts';
import type { EvidenceArchive } from './evidence-archive.ts';
import { SEQUENCERS } from './reserved-concurrency.ts';
import { SigningKey } from './signing-key.ts';
import { TaskFunction, type TaskFunctionProps } from './task-function.ts';

/** A batch is but a hint that something is pending. */
const BATCH_ITEMS_MAX = 1000;
/** Seals that come together have one checkpoint. */
const BATCH_WAIT = Duration.seconds(1);
/** Longer than a call goes on for by itself. */
const TIMEOUT = Duration.minutes(2);

/** The account-wide log of seals: the one function that may sign it, and what has it run. */
export class AccountLog extends Construct {
  /** Signs checkpoints, and nothing else. */
  readonly key: SigningKey;
  readonly sequence: TaskFunction;

  constructor(
    scope: Construct,
    id: string,
    props: Omit<TaskFunctionProps, 'entry'> & {
      readonly tables: ControlPlaneTables;
      readonly archive: EvidenceArchive;
      /** All that seal, or did. */
      readonly sealKeys: readonly IKey[];
      readonly seal: TaskFunction;
      readonly deadLetters: IQueue;
      readonly deletionProtection: boolean;
    },
  ) {
    super(scope, id);
    const { tables, archive, sealKeys, seal, deletionProtection, ...shared } = props;
    const { deadLetters: deadLetterQueue } = props;
    this.sequence = new TaskFunction(this, 'Sequence', {
      ...shared,
      entry: 'sequence',
      timeout: TIMEOUT,
      reservedConcurrency: { sequence: SEQUENCERS },
    });
    this.key = new SigningKey(this, 'Key', {
      signs: 'the log of seals',
      signer: this.sequence.role,
      deletionProtection,
    });
    this.sequence.function.addEnvironment('LOG_KEY', this.key.keyArn);
    this.sequence.readsPublicKeys('SEAL_KEYS', sealKeys);
    tables.grantLog(this.sequence.role);
    archive.keepsCheckpointsOf(this.sequence);
    this.follows(tables, deadLetterQueue);
    new Rule(this, 'Sweep', {
      description: 'Seals that the log has not taken in when their stream told of them',
      schedule: Schedule.rate(Duration.minutes(5)),
      targets: [new LambdaFunction(this.sequence.function, { deadLetterQueue })],
    });
    const event = RuleTargetInput.fromObject({ seal: 'control-streams' });
    new Rule(this, 'ControlStreams', {
      description: 'What is new in the control streams is sealed',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(seal.function, { deadLetterQueue, event })],
    });
  }

  /** Runs as soon as a seal is stored, and again until it is in the log or the stream forgets it. */
  private follows({ pending }: ControlPlaneTables, deadLetters: IQueue): void {
    allowStream(this.sequence.role, pending);
    this.sequence.function.addEventSourceMapping('OfPending', {
      eventSourceArn: pending.tableStreamArn ?? '',
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: BATCH_ITEMS_MAX,
      maxBatchingWindow: BATCH_WAIT,
      onFailure: new SqsDlq(deadLetters),
      filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') })],
    });
  }
}
