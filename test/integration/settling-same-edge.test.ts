import { describe, expect, it } from '@jest/globals';
import type { StepDraft } from '../../core/action.ts';
import { type Fault, faultAt } from './support/faults.ts';
import { policyArnOf, ROLE_NAME, USER_NAME } from './support/small-account.ts';
import { expectTruthful } from './support/truth.ts';
import { openTestWorld } from './support/world.ts';

const LAG_MS = 60_000;
const PolicyArn = policyArnOf('narrow');
/** A step and one that takes it back: what a read that lags behind shows is ambiguous. */
const PLANS: readonly (readonly [string, readonly StepDraft[]])[] = [
  ['role', { RoleName: ROLE_NAME }, 'Role'],
  ['user', { UserName: USER_NAME }, 'User'],
].map(([noun, who, label]) => {
  const input = { ...(who as StepDraft['input']), PolicyArn };
  const steps = ['Attach', 'Detach'].map((verb) => ({
    action: `iam:${verb}${label}Policy`,
    input,
  }));
  return [noun as string, steps];
});
const FAULTS: readonly Fault[] = [
  { kind: 'lost' },
  { kind: 'done-lost' },
  { kind: 'late', lateMs: 4000 },
];

describe.each(PLANS)(
  'two steps on one edge of a %s, the second without an answer',
  (_noun, steps) => {
    it.each(FAULTS)('never lie when reads show what was before the first: $kind', async (fault) => {
      for (const times of [1, 3]) {
        const world = openTestWorld({ keepsHistory: true });
        let lagMs = 0;
        world.hooks.lagMs = () => lagMs;
        const lose = faultAt(world.clock, fault, {
          isHit: ({ operation }) => operation === steps[1]?.action,
          times,
        });
        world.hooks.onCall = (request, session, call) => {
          if (session.isEffect && request.operation === steps[1]?.action) lagMs = LAG_MS;
          return lose(request, session, call);
        };

        const ended = await world.proposeAndRun(steps);

        expect(['compensated', 'stuck']).toContain(ended.status);
        await world.clock.sleep(LAG_MS);
        await expectTruthful(world, ended, steps);
        world.close();
      }
    });

    it('end right when they are settled for longer than that', async () => {
      for (const fault of FAULTS) {
        const world = openTestWorld({ keepsHistory: true, timing: { settleMs: LAG_MS + 500 } });
        world.hooks.lagMs = () => LAG_MS;
        world.hooks.onCall = faultAt(world.clock, fault, {
          isHit: ({ operation }) => operation === steps[1]?.action,
          times: 1,
        });

        const ended = await world.proposeAndRun(steps);

        expect(['committed', 'compensated']).toContain(ended.status);
        await expectTruthful(world, ended, steps);
        world.close();
      }
    });
  },
);
