import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureVerification } from './evidence.ts';
import { measureFloors, printFloors } from './floors.ts';
import { brokenGates } from './gates.ts';
import { measureHistory } from './history.ts';
import { measureMillion } from './million.ts';
import { measurePolicy } from './policy.ts';
import { print } from './print.ts';
import { reportReplay } from './replay-report.ts';
import { measureTransactions, type TransactionMeasure } from './transaction.ts';
import { measureVerdicts } from './verdicts.ts';

const CONCURRENCIES = [1, 16, 64] as const;
const TARGETS = {
  p50Ms: 7,
  perSecond: 450,
  recordsPerSecond: 100_000,
  verdictRecordsPerSecond: 40_000,
};

const { values } = parseArgs({
  options: {
    gates: { type: 'boolean', default: false },
    million: { type: 'boolean', default: false },
    keep: { type: 'string' },
    records: { type: 'string', default: '1000000' },
  },
});
const folder = fs.mkdtempSync(join(tmpdir(), 'interlock-bench-'));
try {
  process.exitCode = await chosen();
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

async function chosen(): Promise<number> {
  const { gates, million, keep, records } = values;
  if (million) return measureMillion(keep ?? join(folder, 'million'), Number(records));
  return gates ? gatesOnly() : everything();
}

async function gatesOnly(): Promise<number> {
  const measures: TransactionMeasure[] = [];
  for (const plan of ['inert', 'iam'] as const)
    for (const outcome of ['committed', 'failing'] as const) {
      const wanted = { plan, outcome, concurrency: 16, count: 64 };
      measures.push(await measureTransactions(folder, wanted));
    }
  return report(measures);
}

async function everything(): Promise<number> {
  printFloors(measureFloors(folder));
  const policies = await measurePolicy();
  print('Policy decision', [
    ['policies', 'p50', 'p99', 'reused p50'],
    ...policies.map((one) => [one.policies, us(one.p50Us), us(one.p99Us), us(one.reusedP50Us)]),
  ]);
  const measures: TransactionMeasure[] = [];
  for (const plan of ['inert', 'iam'] as const)
    for (const outcome of ['committed', 'failing'] as const)
      for (const concurrency of CONCURRENCIES) {
        const count = concurrency === 1 ? 200 : 512;
        measures.push(await measureTransactions(folder, { plan, outcome, concurrency, count }));
      }
  const code = report(measures);
  await reportEvidence();
  await reportReplay(folder);
  const history = measureHistory();
  print('Time travel in a transaction of 100 steps', [
    ['records', history.records],
    ['the first look', `${history.firstMs.toFixed(2)} ms`],
    ['any look after it, p50', `${history.jumpMs.toFixed(3)} ms`],
    ['any look after it, p99', `${history.jumpP99Ms.toFixed(3)} ms`],
  ]);
  return code;
}

async function reportEvidence(): Promise<void> {
  const integrity = await measureVerification();
  const verdicts = await measureVerdicts(join(folder, 'verdicts'));
  const small = integrity.smallRecordsPerSecond;
  const all = verdicts.recordsPerSecond;
  print('Evidence, one core', [
    ['what', 'rate', 'of', ''],
    [
      'integrity, small records',
      perSecond(small, 'records'),
      `${integrity.bytesPerSmallRecord} bytes`,
      target(small >= TARGETS.recordsPerSecond),
    ],
    [
      'integrity',
      perSecond(integrity.recordsPerSecond, 'records'),
      `${integrity.bytesPerRecord} bytes, ${integrity.megabytesPerSecond} MB/s`,
      '',
    ],
    ['  floor: SHA-256', perSecond(integrity.sha256PerSecond, 'records'), '', ''],
    ['  floor: JSON.parse', perSecond(integrity.jsonParsePerSecond, 'records'), '', ''],
    [
      'all four verdicts',
      perSecond(all, 'records'),
      `${verdicts.recordsPerBundle} records, ${verdicts.bundleUs.toFixed(0)} us a bundle`,
      target(all >= TARGETS.verdictRecordsPerSecond),
    ],
    ['  from files', perSecond(verdicts.recordsPerSecondFromFile, 'records'), '', ''],
    ['  floor: two signatures', '', `${(2 * verdicts.verifyP256Us).toFixed(0)} us a bundle`, ''],
  ]);
}

function perSecond(rate: number, what: string): string {
  return `${rate.toFixed(0)} ${what}/s`;
}

function report(measures: readonly TransactionMeasure[]): number {
  print('Five-step transaction: proposed, run and sealed', [
    [
      'plan',
      'outcome',
      'at once',
      'tx/s',
      'p50 ms',
      'p99 ms',
      'barriers',
      'decisions',
      'CPU ms',
      '',
    ],
    ...measures.map((one) => [
      one.plan,
      one.outcome,
      one.concurrency,
      one.perSecond.toFixed(0),
      one.p50Ms.toFixed(1),
      one.p99Ms.toFixed(1),
      one.barriers.toFixed(1),
      one.decisions.toFixed(1),
      one.cpuMs.toFixed(2),
      targetOf(one),
    ]),
  ]);
  const broken = measures.flatMap(brokenGates);
  for (const one of broken) console.log(`gate broken: ${one}`);
  const gates = 2 * measures.length;
  console.log(`gates: ${gates - broken.length} passed, ${broken.length} failed`);
  return broken.length === 0 ? 0 : 1;
}

// The targets are for a two-core machine whose fsync takes 0.2 ms.
function targetOf(one: TransactionMeasure): string {
  if (one.outcome !== 'committed') return '';
  if (one.concurrency === 1)
    return `p50 <= ${TARGETS.p50Ms}: ${target(one.p50Ms <= TARGETS.p50Ms)}`;
  if (one.concurrency !== 64) return '';
  return `>= ${TARGETS.perSecond}/s: ${target(one.perSecond >= TARGETS.perSecond)}`;
}

function target(isMet: boolean): string {
  return isMet ? 'met' : 'missed';
}

function us(value: number): string {
  return `${value} us`;
}
