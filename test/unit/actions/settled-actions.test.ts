import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allActions } from '../../../actions/registry.ts';
import type { Action, Target } from '../../../core/action.ts';
import { digestOf } from '../../../core/hash.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { Cloud } from '../../../core/ports/cloud.ts';
import { settledRead } from '../../../core/tasks/settled.ts';
import { check, choice, predicted, world } from './choices.ts';
import { inputFor, laggingWorld, prepare } from './iam-world.ts';

/** Cases in which the action could apply, by action. */
const applied = new Map<string, number>();
afterAll(() => {
  const told = [...applied].map(([id, count]) => `${id} ${count}`);
  console.info(`cases that applied and were compensated:\n${told.join('\n')}`);
});

const settledState = async (
  { action, target, input }: { action: Action; target: Target; input: JsonObject },
  cloud: Cloud,
  clock: { now(): number; sleep(ms: number): Promise<void> },
  settleMs: number,
): Promise<Json> => {
  const timing = { settleMs, effectMs: 0, skewMs: 0, leaseMs: 0 };
  const seen = await settledRead({ clock, timing }, async () => {
    const state = await action.read(target, input, cloud);
    return { state, digest: digestOf(state) };
  });
  return seen.state;
};

describe.each(allActions.map((action) => [action.id, action] as const))('%s', (id, action) => {
  it('is predicted by what settles after it, and undone by its inverse', async () => {
    await check(
      fc.asyncProperty(
        world,
        choice.chain((chosen) => fc.nat(60_000).map((lagMs) => ({ ...chosen, lagMs }))),
        async (start, { lagMs, ...chosen }) => {
          const { account, clock, lagging, under } = laggingWorld(start);
          try {
            const input = inputFor(action, chosen);
            const { target, before } = await prepare(action, input, account.admin());
            const after = predicted(action, input, before);
            // Only cases where the action can apply count towards the number.
            fc.pre(after !== undefined);
            const digest = account.digest();
            const { apply, compensate, read } = action.permissions(target, input);
            const about = { action, target, input };
            const reading = lagging(read, lagMs);
            const settle = () => settledState(about, reading, clock, lagMs + 1);
            await clock.sleep(lagMs);

            // An inverse whose effect did not happen changes nothing.
            await action.compensate(target, input, before, under(compensate));
            const untouched = account.digest();
            await action.apply(target, input, before, under(apply));
            const seen = await settle();
            await action.compensate(target, input, before, under(compensate));
            const restored = await settle();

            applied.set(id, (applied.get(id) ?? 0) + 1);
            expect(untouched).toBe(digest);
            expect(seen).toEqual(after);
            expect(restored).toEqual(before);
            expect(account.digest()).toBe(digest);
          } finally {
            account.close();
          }
        },
      ),
    );
    expect(applied.get(id)).toBeGreaterThanOrEqual(200);
  });
});
