import { ensureStarted } from '../../../adapters/aws/runner.ts';
import { TransientError } from '../../../core/errors.ts';
import type { KillMode } from '../../../core/ports/kill-switch.ts';
import { halt } from '../../../core/tasks/halt.ts';
import type { Transaction } from '../../../core/transaction.ts';
import { caseNamed } from '../../integration/support/action-cases.ts';
import { memorySigner } from '../../integration/support/memory-signer.ts';
import { openTestWorld, type TestWorld } from '../../integration/support/world.ts';
import { type FakeExecution, type FakeExecutions, openExecutions } from './fake-executions.ts';

export const LEASE_MS = 30_000;
export const STEP = caseNamed('iam:DetachRolePolicy').step;

/** Transactions in executions that a reconciler looks after. */
export interface ReconcilerWorld {
  readonly world: TestWorld;
  readonly executions: FakeExecutions;
  /** Seals can be made; they can at first. */
  canSign: boolean;
  /** A transaction whose first execution was started and stands still. */
  startedOne(): Promise<Transaction>;
  execution(name: string): FakeExecution;
  moveKillSwitch(mode: KillMode): Promise<unknown>;
}

export function openReconcilerWorld(): ReconcilerWorld {
  const signer = memorySigner();
  const world = openTestWorld({
    timing: { leaseMs: LEASE_MS },
    signer: {
      ...signer,
      async sign(payload) {
        if (!opened.canSign) throw new TransientError('kms-unreachable', 'out of reach');
        return signer.sign(payload);
      },
    },
  });
  const executions = openExecutions(world);
  const opened: ReconcilerWorld = {
    world,
    executions,
    canSign: true,
    startedOne: async () => ensureStarted(executions.parts, await world.propose([STEP])),
    execution(name) {
      const found = executions.byName.get(name);
      if (found === undefined) throw new Error(`no execution ${name}`);
      return found;
    },
    moveKillSwitch: (mode) =>
      halt(world.ports, { operator: 'ops', scope: 'all', mode, reason: 'a test' }),
  };
  return opened;
}
