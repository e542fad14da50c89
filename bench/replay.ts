import fs from 'node:fs';
import { join } from 'node:path';
import { LOCATE_ACTIONS } from '../actions/iam/locate.ts';
import { registry } from '../actions/registry.ts';
import { cedarDecisionPoint } from '../adapters/cedar/decision-point.ts';
import { loadPolicies } from '../adapters/cedar/load.ts';
import { loadTransactionMachine } from '../adapters/embedded/state-machine.ts';
import { nodeCrypto } from '../core/evidence/node-crypto.ts';
import { recordedOf } from '../core/replay/recorded.ts';
import { type Recorded, replay } from '../core/replay/replay.ts';
import { TASKS } from '../core/tasks/index.ts';
import { propose } from '../core/tasks/propose.ts';
import { iamWorld, type Outcome } from './worlds.ts';

/** How fast transactions of five steps are run again from their records, on one core. */
export interface ReplayRate {
  readonly outcome: Outcome;
  readonly perSecond: number;
  readonly recordsPerSecond: number;
}

const TRANSACTIONS = 200;
const ROUNDS = 5;

/** Measures replays of different transactions, the best of several rounds. */
export async function measureReplay(folder: string, outcome: Outcome): Promise<ReplayRate> {
  const recorded = await record(join(folder, `replay-${outcome}`), outcome);
  const records = recorded.reduce((sum, one) => sum + one.records.length, 0);
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const parts = partsOf();
    const started = performance.now();
    for (const one of recorded) {
      const { ok, divergence } = await replay(parts, PROTOCOL, one);
      if (!ok) throw new Error(`the replay must hold: ${JSON.stringify(divergence)}`);
    }
    bestMs = Math.min(bestMs, performance.now() - started);
  }
  const perSecond = Math.round((TRANSACTIONS / bestMs) * 1000);
  return { outcome, perSecond, recordsPerSecond: Math.round((records / bestMs) * 1000) };
}

const PROTOCOL = { machine: loadTransactionMachine(), tasks: TASKS };

function partsOf() {
  const decisionPoint = cedarDecisionPoint(loadPolicies('policies'));
  return {
    actions: registry,
    crypto: nodeCrypto,
    locateActions: LOCATE_ACTIONS,
    decisionPoint: () => decisionPoint,
  };
}

async function record(folder: string, outcome: Outcome): Promise<readonly Recorded[]> {
  const world = iamWorld(folder, { outcome, roles: TRANSACTIONS });
  const { ports } = world.controlPlane;
  try {
    return await Promise.all(
      Array.from({ length: TRANSACTIONS }, async (_, index) => {
        const proposal = {
          plan: world.plan(index),
          idempotencyKey: `${index}`,
          actor: world.actor,
        };
        const { transaction } = await propose(ports, proposal);
        await world.controlPlane.run(transaction);
        return recordedOf(ports.store, transaction.id);
      }),
    );
  } finally {
    world.controlPlane.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
