import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allActions } from '../../../actions/registry.ts';
import type { PermissionStatement } from '../../../core/action.ts';
import { InterlockError } from '../../../core/errors.ts';
import type { Cloud } from '../../../core/ports/cloud.ts';
import { check, choice, predicted, world } from './choices.ts';
import { inputFor, openWorld, prepare, sessionOf } from './iam-world.ts';

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'done';
  } catch (error) {
    return error instanceof InterlockError ? error.code : String(error);
  }
};
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
});

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
