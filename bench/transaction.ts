import { join } from 'node:path';
import { InvariantError } from '../core/errors.ts';
import { propose } from '../core/tasks/propose.ts';
import { percentile, runConcurrently } from './measure.ts';
import { type BenchWorld, iamWorld, inertWorld, type Outcome } from './worlds.ts';

/** What a five-step transaction costs. */
export interface TransactionMeasure {
  readonly plan: 'inert' | 'iam';
  readonly outcome: Outcome;
  readonly concurrency: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Barriers waited for, the account's own included, per transaction. */
  readonly barriers: number;
  /** Cedar decisions that were evaluated, per transaction. */
  readonly decisions: number;
  /** CPU milliseconds of the main thread, per transaction. */
  readonly cpuMs: number;
}

const WARM_UP = 32;

/** Measures one kind of transaction; proposing, running and sealing, all durable. */
export async function measureTransactions(
  folder: string,
  wanted: Pick<TransactionMeasure, 'plan' | 'outcome' | 'concurrency'> & { readonly count: number },
): Promise<TransactionMeasure> {
  const { plan, outcome, concurrency, count } = wanted;
  const name = join(folder, `${plan}-${outcome}-${concurrency}`);
  const world =
    plan === 'inert'
      ? inertWorld(name, outcome)
      : iamWorld(name, { outcome, roles: count + WARM_UP });
  try {
    await runConcurrently({ count: WARM_UP, concurrency: 4 }, (index) =>
      runOne(world, outcome, count + index),
    );
    const { controlPlane } = world;
    const before = { barriers: controlPlane.barriers(), fresh: freshOf(world), cpu: cpuMs() };
    const timed = await runConcurrently({ count, concurrency }, (index) =>
      runOne(world, outcome, index),
    );
    return {
      plan,
      outcome,
      concurrency,
      perSecond: (count / timed.wallMs) * 1000,
      p50Ms: percentile(timed.eachMs, 0.5),
      p99Ms: percentile(timed.eachMs, 0.99),
      barriers: (controlPlane.barriers() - before.barriers) / count,
      decisions: (freshOf(world) - before.fresh) / count,
      cpuMs: (cpuMs() - before.cpu) / count,
    };
  } finally {
    world.controlPlane.close();
  }
}

async function runOne(world: BenchWorld, outcome: Outcome, index: number): Promise<void> {
  const { controlPlane, actor } = world;
  const { transaction } = await propose(controlPlane.ports, {
    plan: world.plan(index),
    idempotencyKey: `${index}`,
    actor,
  });
  const ending = await controlPlane.run(transaction);
  const wanted = outcome === 'committed' ? 'Committed' : 'Compensated';
  if (ending !== wanted) throw new InvariantError(`a transaction ended ${ending}, not ${wanted}`);
}

function freshOf({ controlPlane }: BenchWorld): number {
  return controlPlane.ports.decisionPoint.stats().fresh;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
