import type { Machine } from '../core/asl/machine.ts';
import { InvariantError } from '../core/errors.ts';
import { SETTLING_MAX } from '../core/tasks/ports.ts';

/** List prices; each is so many dollars for so many units. */
export interface Prices {
  readonly region: string;
  readonly asOf: string;
  readonly prices: Readonly<Record<string, { readonly usd: number; readonly per: number }>>;
}

/** What is used, as measured. */
export interface CostInputs {
  readonly steps: number;
  readonly measured: Readonly<
    Record<
      'kmsSigns' | 'writeUnits' | 'readUnits' | 'lambdaCalls' | 'archivedObjects' | 'settledReads',
      number
    >
  >;
  readonly sweep: { readonly readUnits: number };
}

/** What the templates have. */
export interface Deployment {
  readonly alarms: number;
  readonly dashboards: number;
  readonly keys: number;
  readonly metrics: number;
  /** Of the tasks of a transaction. */
  readonly memoryMib: number;
  readonly settleMs: number;
}

/** One line of a bill. */
export interface Line {
  readonly what: string;
  readonly quantity: number;
  readonly usd: number;
}

/** No emulator knows how long Lambda takes, nor what it logs: supposed. */
export const SUPPOSED = { callMs: 150, sweepMs: 200, sweepLogBytes: 2000 };
/** Rows of the indexes: four when it is made, two for each of two new statuses, one when sealed. */
export const INDEX_WRITES = 9;
/** In five minutes the reconciler and the control streams have five each, and the log has one. */
export const SWEEPS_OF_MINUTE = 11 / 5;
const MINUTES_OF_MONTH = 30 * 24 * 60;
const TRANSACTIONS = 1000;
const STATES_MAX = 1000;

/** How many states a transaction of so many steps enters that commits at once. */
export function transitionsOf(machine: Machine, steps: number): number {
  const words = ['authorize', ...Array(steps - 1).fill('authorize'), 'seal', 'committed'];
  let next = 'preflight';
  let name = machine.StartAt;
  for (let entered = 1; entered <= STATES_MAX; entered += 1) {
    const state = machine.States[name];
    if (state?.Type === 'Succeed' && words.length === 0) return entered;
    if (state?.Type === 'Choice') {
      name = state.Choices.find((one) => one.StringEquals === next)?.Next ?? state.Default;
    } else if (state?.Type === 'Task') {
      const isAsked = machine.States[state.Next]?.Type === 'Choice';
      if (isAsked) next = words.shift() ?? '';
      name = state.Next;
    } else break;
  }
  throw new InvariantError(`\`${name}\` is no end of a committed transaction`);
}

/** What 1,000 committed transactions cost. */
export function costOfTransactions(
  machine: Machine,
  inputs: CostInputs,
  deployment: Deployment,
  prices: Prices,
): readonly Line[] {
  const { measured, steps } = inputs;
  const { lambdaCalls, archivedObjects, settledReads } = measured;
  const line = lineOf(prices, TRANSACTIONS);
  const gb = deployment.memoryMib / 1024;
  // The archive is called once an object at most.
  const calls = lambdaCalls + archivedObjects;
  return [
    line('Step Functions: state transitions', 'stateTransition', transitionsOf(machine, steps)),
    line(
      'Lambda: GB-seconds waiting for IAM to settle',
      'gbSecond',
      (settlingWaits(settledReads, steps) * deployment.settleMs * gb) / 1000,
    ),
    line('Lambda: GB-seconds of work', 'gbSecond', (calls * SUPPOSED.callMs * gb) / 1000),
    line('Lambda: calls', 'lambdaCall', calls),
    line('DynamoDB: write units', 'writeUnit', measured.writeUnits + INDEX_WRITES),
    line('DynamoDB: read units', 'readUnit', measured.readUnits),
    line('S3: archived objects and checkpoints', 'objectPut', archivedObjects),
    line('KMS: signatures of seals and checkpoints', 'kmsSign', measured.kmsSigns),
    line('API Gateway: requests', 'apiRequest', 1),
  ];
}

/** Preflight reads each step once, several at once; the other reads each wait by themselves. */
function settlingWaits(settledReads: number, steps: number): number {
  return settledReads - steps + Math.ceil(steps / SETTLING_MAX);
}

/** What a month costs in which nothing is proposed. */
export function costOfIdleMonth(
  { sweep }: Pick<CostInputs, 'sweep'>,
  deployment: Deployment,
  prices: Prices,
): readonly Line[] {
  const one = lineOf(prices, 1);
  const each = lineOf(prices, MINUTES_OF_MONTH);
  const gb = deployment.memoryMib / 1024;
  return [
    one('CloudWatch: alarms', 'alarm', deployment.alarms),
    one('CloudWatch: dashboard', 'dashboard', deployment.dashboards),
    one('CloudWatch: custom metrics, at most', 'metric', deployment.metrics),
    one('KMS: keys', 'key', deployment.keys),
    each(
      'Lambda: GB-seconds of sweeps every minute',
      'gbSecond',
      (SWEEPS_OF_MINUTE * SUPPOSED.sweepMs * gb) / 1000,
    ),
    each('Lambda: calls of sweeps', 'lambdaCall', SWEEPS_OF_MINUTE),
    each('DynamoDB: read units of sweeps, at most', 'readUnit', sweep.readUnits),
    each(
      'CloudWatch Logs: GB of sweeps',
      'logGb',
      (SWEEPS_OF_MINUTE * SUPPOSED.sweepLogBytes) / 1e9,
    ),
  ];
}

/** The tables of the README. */
export function costText(
  transactions: readonly Line[],
  month: readonly Line[],
  { settleMs }: Pick<Deployment, 'settleMs'>,
  { region, asOf }: Prices,
): string {
  return [
    `List prices of ${region}, ${asOf}, without free tiers. \`npm run cost\` computes this from the state`,
    'machine, the template, and what a test measures of a transaction on the emulator.',
    '',
    ...tableOf('1,000 transactions of 5 steps', transactions),
    '',
    ...tableOf('A month without any', month),
    '',
    `Supposed, as no emulator can tell: ${SUPPOSED.callMs} ms a call, ${SUPPOSED.sweepMs} ms and ${SUPPOSED.sweepLogBytes} bytes of log a sweep. A`,
    `read is settled when it stays equal for ${settleMs / 1000} s (\`timing.settleMs\`), and a function waits that long.`,
    'Not in it: storage (tables, their recovery points, archive, logs), logs of transactions, the',
    "scheduled auditor's own runs, Cognito, e-mail, traces, and retries. SSM, STS and IAM cost nothing.",
  ].join('\n');
}

function lineOf({ prices }: Prices, times: number) {
  return (what: string, price: string, quantity: number): Line => {
    const found = prices[price];
    if (found === undefined) throw new InvariantError(`there is no price of \`${price}\``);
    const total = quantity * times;
    return { what, quantity: total, usd: (total * found.usd) / found.per };
  };
}

function tableOf(title: string, lines: readonly Line[]): readonly string[] {
  const sum = lines.reduce((all, { usd }) => all + usd, 0);
  return [
    `| ${title} | quantity | USD |`,
    '|---|---:|---:|',
    ...lines.map(
      ({ what, quantity, usd }) => `| ${what} | ${amount(quantity)} | ${dollars(usd)} |`,
    ),
    `| **together** | | **${dollars(sum)}** |`,
  ];
}

function amount(quantity: number): string {
  return quantity.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function dollars(usd: number): string {
  return usd > 0 && usd < 0.005 ? '< 0.01' : usd.toFixed(2);
}
