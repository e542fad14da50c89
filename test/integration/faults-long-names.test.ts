import { afterEach, describe, expect, it } from '@jest/globals';
import type { StepDraft } from '../../core/action.ts';
import type { JsonObject } from '../../core/json.ts';
import { ACTION_CASES, type ActionCase } from './support/action-cases.ts';
import { ROLE_NAME, smallAccount, USER_NAME } from './support/small-account.ts';
import { expectEvidence } from './support/truth.ts';
import { digestsAlong, openTestWorld, type TestWorld } from './support/world.ts';

const worlds: TestWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

/** IAM's bounds: a path of 512 characters, names of 64 and 128. */
const PATH_CHARS = 512;
const PRINCIPAL_CHARS = 64;
const POLICY_CHARS = 128;

const longest = (name: string, chars: number): string => name.padEnd(chars, 'n');
const pathOf = (letter: string): string => `/${letter.repeat(PATH_CHARS - 2)}/`;
const POLICIES = ['wide', 'narrow', 'limit', 'other', 'old', 'scoped'];

/** Makes every name and path in a value the longest that there may be; those of principals with
 * a letter of choice. */
const stretched = <Value>(value: Value, letter: string): Value => {
  let text = JSON.stringify(value);
  for (const [short, chars] of [
    ...[ROLE_NAME, USER_NAME].map((name) => [name, PRINCIPAL_CHARS] as const),
    ...POLICIES.map((name) => [name, POLICY_CHARS] as const),
  ])
    text = text
      .replaceAll(`"${short}"`, `"${longest(short, chars)}"`)
      .replaceAll(`/${short}"`, `/${longest(short, chars)}"`);
  text = text.replaceAll('/p/', () => pathOf('p')).replaceAll('/team/', () => pathOf(letter));
  return JSON.parse(text) as Value;
};
const run = async ({ step }: ActionCase, letter: string) => {
  const account: JsonObject = stretched(smallAccount(), letter);
  const long: StepDraft = stretched(step, letter);
  const world = openTestWorld({ account });
  worlds.push(world);
  const ended = await world.proposeAndRun([long]);
  return { world, ended, digests: await digestsAlong([long], account) };
};

describe.each(ACTION_CASES.map((one) => [one.id, one] as const))('%s', (_id, one) => {
  it('runs on the longest names that there may be', async () => {
    const { world, ended, digests } = await run(one, 'p');

    const [target] = ended.targets ?? [];
    const chars = 'arn:aws:iam::111122223333:role'.length + PATH_CHARS + PRINCIPAL_CHARS;
    expect(target?.arn).toHaveLength(chars);
    expect(ended).toMatchObject({ status: 'committed' });
    expect(world.account.digest()).toBe(digests.at(-1));
    await expectEvidence(world, ended);
  });

  it('is refused, before anything happens, where the names would not fit a session', async () => {
    const { world, ended, digests } = await run(one, '*');

    expect(ended).toMatchObject({
      status: 'rejected',
      reason: { code: 'failed', detail: 'session-policy-too-large' },
    });
    expect(world.account.mutations()).toEqual([]);
    expect(world.account.digest()).toBe(digests[0]);
    await expectEvidence(world, ended);
  });
});
