import { bundleOf } from '../api/view/bundle-of.ts';
import { detailOf } from '../api/view/detail.ts';
import { verifyStore, verifyStream } from '../cli/verify-store.ts';
import { InvariantError } from '../core/errors.ts';
import { bundleBytes } from '../core/evidence/index.ts';
import type { ListQuery } from '../core/ports/store.ts';
import { listFor } from '../core/tasks/list.ts';
import type { Ports } from '../core/tasks/ports.ts';
import { streamOf, type Transaction } from '../core/transaction.ts';
import { percentile } from './measure.ts';
import type { MillionPlane } from './million-world.ts';

/** How long one query of a large store takes. */
export interface QueryMeasure {
  readonly query: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Rows, records or bytes of the first answer. */
  readonly answer: string;
}

const SAMPLES = 300;
const PAGE = 20;
const OPERATOR = { type: 'Operator', id: 'bench' } as const;

/** Measures what people ask of a store; each sample of one transaction is about another one. */
export async function measureQueries(
  { ports, log }: MillionPlane,
  { transactions, total }: { transactions: readonly Transaction[]; total: number },
): Promise<readonly QueryMeasure[]> {
  const { store } = ports;
  const trust = { trustedKeyIds: [log.keyId] };
  const parts = { ...ports, log };
  const page = (query: Omit<ListQuery, 'limit'>) => async () =>
    rows(await store.list({ ...query, limit: PAGE }));
  const filtered = (query: object) => async () =>
    rows(await listFor(ports, OPERATOR, { ...query, limit: PAGE }));
  const [middle] = transactions.slice(Math.floor(transactions.length / 2));
  const at = middle?.createdAt ?? 0;
  const one =
    (ask: (transaction: Transaction) => Promise<string>) =>
    (sample: number): Promise<string> =>
      ask(transactions[sample % transactions.length] as Transaction);
  return [
    await measure('list, first page', page({})),
    await measure('list, a page deep inside', page({ after: cursorAt(total / 2) })),
    await measure('list, stuck (rare)', page({ status: 'stuck' })),
    await measure('list, parked (none)', page({ status: 'parked' })),
    await measure('list, committed', page({ status: 'committed' })),
    await measure('list, of a rare agent', page({ agent: 'iam-auditor-propose' })),
    await measure('list, of an agent, stuck', page({ agent: 'iam-auditor', status: 'stuck' })),
    await measure('list, open', page({ isOpen: true })),
    await measure('list, by action', filtered({ action: 'iam:DetachRolePolicy' })),
    await measure('list, by an action that none has', filtered({ action: 'iam:PutRolePolicy' })),
    await measure('list, since a time', filtered({ from: at })),
    await measure('list, before a time', filtered({ to: at })),
    await measure(
      'show one',
      one(async ({ id }) => showOne(ports, id)),
    ),
    await measure(
      'verify one',
      one(async ({ id }) => {
        const { ok } = await verifyStream(parts, streamOf(id), trust);
        return `ok: ${ok}`;
      }),
    ),
    await measure(
      'records of one',
      one(async ({ id }) => {
        return `${(await store.records(streamOf(id))).length} records`;
      }),
    ),
    await measure(
      'export one',
      one(async ({ id }) => {
        return `${bundleBytes(await bundleOf(parts, streamOf(id))).length} bytes`;
      }),
    ),
  ];
}

/** How long a whole store takes, by the clock and on its core. */
export interface VerifyAllMeasure {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly checked: number;
  readonly valid: number;
}

/** All four verdicts on every transaction of a store, and its log, one core. */
export async function measureVerifyAll(
  plane: MillionPlane,
  onProgress: (what: string) => (done: number, count: number) => void,
): Promise<VerifyAllMeasure> {
  const started = performance.now();
  const before = cpuSeconds();
  const trust = { trustedKeyIds: [plane.log.keyId] };
  const { checked, valid } = await verifyStore(plane, { trust, damage: [], onProgress });
  const seconds = (performance.now() - started) / 1000;
  return { seconds, cpuSeconds: cpuSeconds() - before, checked, valid };
}

/** Transactions spread over the whole store. */
export async function sampleTransactions(
  ports: Ports,
  total: number,
): Promise<readonly Transaction[]> {
  const found: Transaction[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const position = Math.ceil(((sample + 1) / SAMPLES) * total);
    const page = await ports.store.list({ limit: 1, after: cursorAt(position + 1) });
    found.push(...page.transactions);
  }
  return found;
}

/** Pages of the embedded store go on below a position. */
function cursorAt(position: number): string {
  return Math.floor(position).toString(36);
}

function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

async function showOne({ store }: Ports, id: string): Promise<string> {
  const transaction = await store.load(id);
  if (transaction === undefined) throw new InvariantError(`\`${id}\` is not there`);
  return `${(await detailOf(store, transaction)).records.length} records`;
}

async function measure(
  query: string,
  ask: (sample: number) => Promise<string>,
): Promise<QueryMeasure> {
  const times: number[] = [];
  let answer = '';
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const started = performance.now();
    const found = await ask(sample);
    times.push(performance.now() - started);
    answer ||= found;
  }
  return { query, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), answer };
}

function rows({ transactions }: { readonly transactions: readonly unknown[] }): string {
  return `${transactions.length} rows`;
}
