import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { METRICS } from '../adapters/aws/metric-names.ts';
import {
  type CostInputs,
  costOfIdleMonth,
  costOfTransactions,
  costText,
  type Deployment,
  type Prices,
} from '../bench/cost.ts';
import { parseMachine } from '../core/asl/machine.ts';
import { settingsOf } from '../infra/settings.ts';
import { addStacks } from '../infra/stacks.ts';

const START = '<!-- cost: `npm run cost` writes what follows -->';
const END = '<!-- cost: end -->';

/** What the README has to say of costs, as files and templates are now. */
export function currentCost(): string {
  const machine = parseMachine(json('statemachines/transaction.asl.json'));
  const inputs = json('bench/cost-inputs.json') as CostInputs;
  const prices = json('bench/prices.json') as Prices;
  const deployment = currentDeployment();
  const transactions = costOfTransactions(machine, inputs, deployment, prices);
  const month = costOfIdleMonth(inputs, deployment, prices);
  return costText(transactions, month, deployment, prices);
}

/** The text with what stands between the markers replaced. Throws when it lacks them. */
export function withCost(text: string, cost: string): string {
  const [before, rest] = text.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('the markers are missing');
  return `${before}${START}\n${cost}\n${END}${after}`;
}

/** What `cdk.json` deploys. */
export function currentDeployment(): Deployment {
  const { context } = json('cdk.json') as { readonly context: Readonly<Record<string, unknown>> };
  const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } });
  addStacks(app);
  const resources = app
    .synth()
    .stacks.flatMap(({ template }) => Object.values((template as Template).Resources));
  const ofType = (type: string) => resources.filter((one) => one.Type === type);
  const tasks = ofType('AWS::Lambda::Function').filter(
    ({ Properties }) => Properties?.['Description'] === 'Interlock: verify',
  );
  return {
    alarms: ofType('AWS::CloudWatch::Alarm').length,
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
    keys: ofType('AWS::KMS::Key').length,
    metrics: Object.keys(METRICS).length,
    memoryMib: Number(tasks[0]?.Properties?.['MemorySize']),
    settleMs: settingsOf(app.node).timing.settleMs,
  };
}

interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }
    >
  >;
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
