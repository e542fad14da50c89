import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allActions } from '../../../actions/registry.ts';
import type { Action } from '../../../core/action.ts';
import type { Json } from '../../../core/json.ts';
import { check, choice, predicted, world } from './choices.ts';
import { inputFor, openWorld, prepare, sessionOf, type World } from './iam-world.ts';

describe.each(allActions.map((action) => [action.id, action] as const))('%s', (_id, action) => {
  it('chains with another action on the same entity in both orders', async () => {
    const kin = allActions.filter((one) => one.id.includes('User') === action.id.includes('User'));
    await check(
      fc.asyncProperty(
        world,
        choice.chain((chosen) => fc.constantFrom(...kin).map((other) => ({ ...chosen, other }))),
        async (start, chosen) => {
          const other = chosen.other;
          for (const plan of [
            [action, other],
            [other, action],
          ]) {
            await expectChain(start, plan, chosen);
          }
        },
      ),
    );
  });
});

/** Locates, reads and predicts the whole plan first, as preflight does; then runs and undoes it. */
const expectChain = async (
  start: World,
  plan: readonly Action[],
  chosen: { policy: string; inline: string; document: string },
): Promise<void> => {
  const account = openWorld(start);
  const cloud = account.admin();
  const digest = account.digest();
  const states = new Map<string, Json>();
  const steps = [];
  for (const action of plan) {
    const input = inputFor(action, chosen);
    const { target, before: read } = await prepare(action, input, cloud);
    const key = action.footprint(target, input);
    const before = states.get(key) ?? read;
    const after = predicted(action, input, before);
    if (after === undefined) continue;
    steps.push({ action, input, target, before, after });
    states.set(key, after);
  }

  for (const { action, input, target, before, after } of steps) {
    expect(await action.read(target, input, cloud)).toEqual(before);
    await action.apply(target, input, before, cloud);
    expect(await action.read(target, input, cloud)).toEqual(after);
  }
  for (const { action, input, target, before } of steps.reverse()) {
    // Under its own session: what it needs must not depend on the steps before.
    const own = sessionOf(account, action.permissions(target, input).compensate);
    await action.compensate(target, input, before, own);
  }
  expect(account.digest()).toBe(digest);
  account.close();
};
