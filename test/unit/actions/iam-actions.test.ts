import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allActions } from '../../../actions/registry.ts';
import type { Action, PermissionStatement } from '../../../core/action.ts';
import { InterlockError, InvalidInputError } from '../../../core/errors.ts';
import type { Json } from '../../../core/json.ts';
import type { Cloud } from '../../../core/ports/cloud.ts';
import {
  documentOf,
  INLINE_NAMES,
  inputFor,
  openWorld,
  POLICY_NAMES,
  prepare,
  sessionOf,
  type World,
} from './iam-world.ts';

const CASES = 200;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const world: fc.Arbitrary<World> = fc.record({
  attached: fc.subarray(POLICY_NAMES),
  inline: fc.subarray(INLINE_NAMES),
  boundary: fc.option(fc.constantFrom(...POLICY_NAMES), { nil: undefined }),
});
const choice = fc.record({
  policy: fc.constantFrom(...POLICY_NAMES),
  inline: fc.constantFrom(...INLINE_NAMES),
  document: fc
    .tuple(fc.constantFrom('s3:GetObject', 's3:*', 'iam:PassRole'), fc.constantFrom('', ' ', '\n'))
    .map(([action, space]) => documentOf(action) + space),
});
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'done';
  } catch (error) {
    return error instanceof InterlockError ? error.code : String(error);
  }
};
/** `undefined` where the action cannot apply to that state. */
const predicted = (action: Action, input: Parameters<Action['predict']>[0], before: Json) => {
  try {
    return action.predict(input, before);
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
};
const check = <Choice>(property: fc.IAsyncProperty<[World, Choice]>): Promise<void> =>
  fc.assert(property, { numRuns: CASES, seed: SEED });

console.log(`seed ${SEED}, ${CASES} cases an action and property`);

describe.each(allActions.map((action) => [action.id, action] as const))('%s', (_id, action) => {
  it('predicts what is read after apply, and compensates to the identical account', async () => {
    await check(
      fc.asyncProperty(world, choice, async (start, chosen) => {
        const account = openWorld(start);
        try {
          const input = inputFor(action, chosen);
          expect(action.input.safeParse(input).success).toBe(true);
          const cloud = account.admin();
          const digest = account.digest();
          const { target, before } = await prepare(action, input, cloud);
          const after = predicted(action, input, before);
          if (after === undefined) {
            expect(await codeOf(action.apply(target, input, before, cloud))).toBe('NoSuchEntity');
            return;
          }

          await action.apply(target, input, before, cloud);
          const seen = await action.read(target, input, cloud);
          await action.compensate(target, input, before, cloud);
          await action.compensate(target, input, before, cloud);

          expect(seen).toEqual(after);
          expect(account.digest()).toBe(digest);
          expect(action.restorable(before)).toBe(true);
          const inverse = action.inverse(target, input, before);
          expect(inverse === undefined).toBe(JSON.stringify(before) === JSON.stringify(after));
        } finally {
          account.close();
        }
      }),
    );
  });

  it('works under its own sessions and not with less or elsewhere', async () => {
    await check(
      fc.asyncProperty(world, choice, async (start, chosen) => {
        const account = openWorld(start);
        try {
          const input = inputFor(action, chosen);
          const { target, before } = await prepare(action, input, account.admin());
          // Only cases where the action can apply count towards the number.
          fc.pre(predicted(action, input, before) !== undefined);
          const permissions = action.permissions(target, input);
          const phases = {
            read: (cloud: Cloud) => action.read(target, input, cloud),
            apply: (cloud: Cloud) => action.apply(target, input, before, cloud),
            compensate: (cloud: Cloud) => action.compensate(target, input, before, cloud),
          };
          for (const [phase, run] of Object.entries(phases)) {
            const own = permissions[phase as keyof typeof phases];
            const logged = account.mutations().length;
            const needed = await operationsOf(run, sessionOf(account, own));
            expect(account.mutations().length - logged).toBe(phase === 'read' ? 0 : needed.length);
            for (const operation of needed) {
              const less = own.map((one) => ({
                ...one,
                actions: [...one.actions.filter((name) => name !== operation), 'iam:ListRoles'],
              }));
              expect(await codeOf(run(sessionOf(account, less)))).toBe('AccessDenied');
            }
            if (needed.length === 0) continue;
            const elsewhere = own.map((one) => ({ ...one, resources: [`${target.arn}x`] }));
            expect(await codeOf(run(sessionOf(account, elsewhere)))).toBe('AccessDenied');
            for (const one of own) expectNarrow(one);
          }
        } finally {
          account.close();
        }
      }),
    );
  });

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

const operationsOf = async (run: (cloud: Cloud) => Promise<unknown>, cloud: Cloud) => {
  const seen = new Set<string>();
  await run({
    call: (request) => {
      seen.add(request.operation);
      return cloud.call(request);
    },
  });
  return [...seen];
};

const expectNarrow = (statement: PermissionStatement): void => {
  for (const text of [...statement.actions, ...statement.resources])
    expect(text).not.toContain('*');
};
