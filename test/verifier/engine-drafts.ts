import { CloudRefusedError } from '../../core/errors.ts';
import { refuse } from '../../core/tasks/approve.ts';
import { halt } from '../../core/tasks/halt.ts';
import { streamOf, type Transaction } from '../../core/transaction.ts';
import { caseNamed } from '../integration/support/action-cases.ts';
import { ALICE, approveSeen, BOB, openUndo } from '../integration/support/approving.ts';
import { policiesAsking } from '../integration/support/policies.ts';
import { OPERATOR, openTestWorld, type TestWorld } from '../integration/support/world.ts';
import type { Draft } from '../unit/evidence/support/draft.ts';

const STEPS = ['iam:DetachRolePolicy', 'iam:PutUserPolicy'].map((id) => caseNamed(id).step);
const LAST = 'iam:PutUserPolicy';

/** How each kind of ending is brought about; the transaction that ended so. */
const ENDINGS = {
  'engine: committed': (world: TestWorld) => world.proposeAndRun(STEPS),
  async 'engine: compensated'(world: TestWorld): Promise<Transaction> {
    world.hooks.onCall = async (request, session, call) => {
      if (session.isEffect && request.operation === LAST)
        throw new CloudRefusedError('ServiceFailure', 'the target refuses');
      return call();
    };
    return world.proposeAndRun(STEPS);
  },
  async 'engine: parked and compensated'(world: TestWorld): Promise<Transaction> {
    const parked = await movedBeforeLast(world, 'freeze');
    await move(world, 'halt');
    return world.run(parked);
  },
  async 'engine: approved'(world: TestWorld): Promise<Transaction> {
    const { waiting } = await openUndo(world);
    await approveSeen(world.ports, ALICE, waiting);
    return world.run(await approveSeen(world.ports, BOB, waiting));
  },
  async 'engine: refused'(world: TestWorld): Promise<Transaction> {
    const { waiting } = await openUndo(world);
    await approveSeen(world.ports, ALICE, waiting);
    return refuse(world.ports, BOB, { id: waiting.id, reason: 'not today' });
  },
};

/** The endings that the engine can be brought to. */
export const ENDING_NAMES = Object.keys(ENDINGS) as readonly Ending[];
/** One of them. */
export type Ending = keyof typeof ENDINGS;

/** A stream that the engine wrote, as a draft: its records are the engine's own. */
export async function engineDraft(ending: Ending): Promise<Draft> {
  const world = openTestWorld({ decisionPoint: policiesAsking(2) });
  try {
    const { id, status } = await ENDINGS[ending](world);
    const records = await world.records(id);
    return { streamId: streamOf(id), records, seals: [{ status, uncovered: 0 }] };
  } finally {
    world.close();
  }
}

/** A run in which the kill switch moves when the first effect was made. */
async function movedBeforeLast(world: TestWorld, mode: 'freeze'): Promise<Transaction> {
  world.hooks.onCall = async (request, session, call) => {
    const answer = await call();
    if (session.isEffect && request.operation !== LAST) await move(world, mode);
    return answer;
  };
  return world.proposeAndRun(STEPS);
}

async function move(world: TestWorld, mode: 'freeze' | 'halt'): Promise<void> {
  await halt(world.ports, { operator: OPERATOR, scope: 'all', mode, reason: 'a test' });
}
