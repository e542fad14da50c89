import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
} from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  type KeyAttribute,
  OPEN_STREAMS,
  TABLES,
  type TableDefinition,
} from '../adapters/aws/tables.ts';

const READ = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'];
const WRITE = ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];
const CHECK = 'dynamodb:ConditionCheckItem';
/** Every way to change or lose what was once put. */
const CHANGE = [
  'dynamodb:BatchWriteItem',
  'dynamodb:DeleteItem',
  'dynamodb:DeleteTable',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:UpdateItem',
  'dynamodb:UpdateTable',
  'dynamodb:UpdateTimeToLive',
];

/** State, evidence, decisions and the log; each has its grants, so that no role gets more verbs. */
export class ControlPlaneTables extends Construct {
  readonly transactions: Table;
  readonly evidence: Table;
  readonly decisions: Table;
  readonly log: Table;
  readonly pending: Table;
  /** What the tables are called. */
  readonly outputs: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: { readonly deletionProtection: boolean }) {
    super(scope, id);
    this.transactions = table(this, 'Transactions', TABLES.transactions, props);
    this.evidence = table(this, 'Evidence', TABLES.evidence, props);
    this.decisions = table(this, 'Decisions', TABLES.decisions, props);
    this.log = table(this, 'Log', TABLES.log, props);
    this.pending = table(this, 'Pending', TABLES.pending, props);
    this.outputs = {
      TransactionsTable: this.transactions.tableName,
      EvidenceTable: this.evidence.tableName,
      DecisionsTable: this.decisions.tableName,
      LogTable: this.log.tableName,
      PendingTable: this.pending.tableName,
    };
  }

  /** Reads the state of transactions. */
  grantRead(grantee: IGrantable): void {
    const { tableArn } = this.transactions;
    const indexes = TABLES.transactions.indexes.map(({ name }) => `${tableArn}/index/${name}`);
    allow(grantee, READ, [tableArn, ...indexes]);
  }

  /** Changes the state of transactions, each change with its evidence; reads both. */
  grantChange(grantee: IGrantable): void {
    this.grantRead(grantee);
    allow(grantee, [...WRITE, CHECK], [this.transactions.tableArn]);
    allow(grantee, ['dynamodb:PutItem', CHECK, ...READ], [this.evidence.tableArn]);
    this.denyChangeOfEvidence(grantee);
  }

  /** Reads decisions, for those who show them. */
  grantReadDecisions(grantee: IGrantable): void {
    allow(grantee, READ, [this.decisions.tableArn]);
  }

  /** Reads decisions, and checks them where they are consumed. */
  grantConsume(grantee: IGrantable): void {
    allow(grantee, [CHECK, ...READ], [this.decisions.tableArn]);
  }

  /** Puts decisions: for the one who asks the decision point before a step. */
  grantDecide(grantee: IGrantable): void {
    this.grantConsume(grantee);
    allow(grantee, ['dynamodb:PutItem'], [this.decisions.tableArn]);
  }

  /** Says of a seal that it is pending: for the one who seals. */
  grantSeal(grantee: IGrantable): void {
    allow(grantee, ['dynamodb:PutItem'], [this.pending.tableArn]);
  }

  /** Sees what is pending, for who tells how late the log is. */
  grantReadPending(grantee: IGrantable): void {
    allow(grantee, READ, [this.pending.tableArn]);
  }

  /** Reads the log, for who shows proofs. */
  grantReadLog(grantee: IGrantable): void {
    allow(grantee, READ, [this.log.tableArn]);
  }

  /** Takes pending seals into the log; puts on record which it refuses. */
  grantLog(grantee: IGrantable): void {
    const { transactions, evidence, log, pending } = this;
    allow(grantee, ['dynamodb:PutItem', CHECK, ...READ], [log.tableArn]);
    allow(grantee, ['dynamodb:BatchWriteItem', ...READ], [pending.tableArn]);
    allow(grantee, ['dynamodb:PutItem', ...READ], [evidence.tableArn]);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['dynamodb:PutItem'],
        resources: [transactions.tableArn],
        conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [OPEN_STREAMS] } },
      }),
    );
    this.denyChangeOfEvidence(grantee);
  }

  /** No other grant, given by mistake or later, makes what was put once changeable. */
  private denyChangeOfEvidence(grantee: IGrantable): void {
    const resources = [this.evidence, this.decisions, this.log].map(({ tableArn }) => tableArn);
    const statement = PolicyStatement.fromJson({
      Effect: 'Deny',
      Action: CHANGE,
      Resource: resources,
    });
    grantee.grantPrincipal.addToPrincipalPolicy(statement);
  }
}

const STREAMS = {
  images: { stream: StreamViewType.NEW_AND_OLD_IMAGES },
  keys: { stream: StreamViewType.KEYS_ONLY },
  none: {},
} as const;

function table(
  scope: Construct,
  id: string,
  definition: TableDefinition,
  props: { readonly deletionProtection: boolean },
): Table {
  const { deletionProtection } = props;
  const made = new Table(scope, id, {
    partitionKey: attribute(definition.partitionKey),
    sortKey: attribute(definition.sortKey),
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...STREAMS[definition.stream],
    deletionProtection,
    removalPolicy: deletionProtection ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  for (const index of definition.indexes) {
    made.addGlobalSecondaryIndex({
      indexName: index.name,
      partitionKey: attribute(index.partitionKey),
      sortKey: attribute(index.sortKey),
      projectionType: ProjectionType.KEYS_ONLY,
    });
  }
  return made;
}

/** Lets a function be called with what the stream of a table tells. */
export function allowStream(grantee: IGrantable, { tableStreamArn = '' }: Table): void {
  allow(
    grantee,
    [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ],
    [tableStreamArn],
  );
}

function attribute({ name, type }: KeyAttribute): Attribute {
  return { name, type: type === 'N' ? AttributeType.NUMBER : AttributeType.STRING };
}

function allow(
  grantee: IGrantable,
  actions: readonly string[],
  resources: readonly string[],
): void {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: [...actions], resources: [...resources] }),
  );
}
