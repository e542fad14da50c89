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
import { type KeyAttribute, TABLES, type TableDefinition } from '../adapters/aws/tables.ts';

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

/** State, evidence and decisions; each has its grants, so that no role gets more than one verb. */
export class ControlPlaneTables extends Construct {
  readonly transactions: Table;
  readonly evidence: Table;
  readonly decisions: Table;

  constructor(scope: Construct, id: string, props: { readonly deletionProtection: boolean }) {
    super(scope, id);
    this.transactions = table(this, 'Transactions', TABLES.transactions, props);
    this.evidence = table(this, 'Evidence', TABLES.evidence, props);
    this.decisions = table(this, 'Decisions', TABLES.decisions, props);
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

  /** No other grant, given by mistake or later, makes what was put once changeable. */
  private denyChangeOfEvidence(grantee: IGrantable): void {
    const resources = [this.evidence.tableArn, this.decisions.tableArn];
    const statement = PolicyStatement.fromJson({
      Effect: 'Deny',
      Action: CHANGE,
      Resource: resources,
    });
    grantee.grantPrincipal.addToPrincipalPolicy(statement);
  }
}

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
    ...(definition.isAppendOnly ? { stream: StreamViewType.NEW_AND_OLD_IMAGES } : {}),
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
