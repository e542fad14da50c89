import { afterEach, describe, expect, test } from '@jest/globals';
import type { StepDraft } from '../../core/action.ts';
import { CloudRefusedError } from '../../core/errors.ts';
import { caseNamed } from './support/action-cases.ts';
import { allowing, ROLE_NAME } from './support/small-account.ts';
import { expectTruthful } from './support/truth.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const worlds: TestWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

/** IAM does not count white space, and keeps it; an answer brings three characters for each. */
const spacedOut = (spaces: number): string =>
  JSON.stringify(allowing('s3:GetObject')).replace(',', `,${' '.repeat(spaces)}`);

const put = (spaces: number): StepDraft => ({
  action: 'iam:PutRolePolicy',
  input: { RoleName: ROLE_NAME, PolicyName: 'scoped', PolicyDocument: spacedOut(spaces) },
});
const last = caseNamed('iam:PutUserPolicy').step;

const run = async (steps: readonly StepDraft[], settleMs: number, isLastRefused: boolean) => {
  const world = openTestWorld({ timing: { settleMs } });
  worlds.push(world);
  world.hooks.onCall = async (request, session, call) => {
    if (session.isEffect && isLastRefused && request.operation === last.action)
      throw new CloudRefusedError('ServiceFailure', 'the target refuses');
    return call();
  };
  return { world, ended: await world.proposeAndRun(steps) };
};

describe.each([
  { settleMs: 0, fits: 50_000, tooLarge: [70_000, 100_000, 130_000] },
  { settleMs: 500, fits: 15_000, tooLarge: [25_000, 45_000, 100_000] },
])('with reads settled over $settleMs ms, a document', ({ settleMs, fits, tooLarge }) => {
  test.each(tooLarge)('of %d spaces is refused before any effect', async (spaces) => {
    const { world, ended } = await run([put(spaces)], settleMs, false);

    expect(ended).toMatchObject({ status: 'rejected', reason: { detail: 'state-too-large' } });
    await expectTruthful(world, ended, [put(spaces)]);
  });

  test.each([false, true])('that fits can be verified and put back (%s)', async (isRefused) => {
    const steps = [put(fits), last];

    const { world, ended } = await run(steps, settleMs, isRefused);

    expect(ended.status).toBe(isRefused ? 'compensated' : 'committed');
    await expectTruthful(world, ended, steps);
  });
});

test('a record keeps the answer of a repeated read once', async () => {
  const { world, ended } = await run([put(0)], 500, false);

  const records = await world.records(ended.id);
  const verified = records.find((one) => one.kind === 'verified');
  const reads = verified?.observations.filter((one) => one.port === 'cloud.call') ?? [];

  expect(reads.length).toBeGreaterThan(0);
  expect(new Set(reads.map((one) => one.requestDigest)).size).toBe(reads.length);
});
