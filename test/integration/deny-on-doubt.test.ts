import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadDecisionPoint } from '../../adapters/cedar/decision-point.ts';
import type { StepDraft } from '../../core/action.ts';
import { DeniedError } from '../../core/errors.ts';
import { caseNamed } from './support/action-cases.ts';
import {
  before,
  claimingWith,
  effects,
  expecting,
  firstOf,
  naming,
  reachingBreakGlass,
  recordedCodes,
  restarted,
  withAlias,
  withOther,
  withoutLocks,
  withoutPolicy,
} from './support/attacks.ts';
import {
  adding,
  allowingDecisionPoint,
  crashingDecisionPoint,
  decisionPointAfter,
  rewriting,
} from './support/policy-folders.ts';
import { policyArnOf, ROLE_NAME } from './support/small-account.ts';
import { openTestWorld, type TestWorld, type TestWorldOptions } from './support/world.ts';

const DETACH = caseNamed('iam:DetachRolePolicy').step;
const DELETE = caseNamed('iam:DeleteRolePolicy').step;
const WIDENING: StepDraft = {
  action: 'iam:AttachRolePolicy',
  input: { RoleName: ROLE_NAME, PolicyArn: policyArnOf('limit') },
};

/** An attempt to have an effect, and how the same attempt fares once its guard is gone. */
interface Row {
  readonly name: string;
  readonly code: string;
  readonly steps?: readonly StepDraft[];
  readonly world: TestWorldOptions;
  readonly unguarded: TestWorldOptions;
  /** Effects of steps that were decided well, before the doubtful one. */
  readonly effectsBefore?: number;
  readonly attack?: (world: TestWorld, run: (world: TestWorld) => Promise<void>) => Promise<void>;
}

const shipped = (): TestWorldOptions => ({ decisionPoint: loadDecisionPoint('policies') });
const policies = (change: (folder: string) => void): TestWorldOptions => ({
  decisionPoint: decisionPointAfter(change),
});
const allowing = (): TestWorldOptions => ({ decisionPoint: allowingDecisionPoint() });

const PERMIT =
  'permit (principal == Agent::"iam-auditor", action == Action::"transaction:Propose", resource)';
const OVERFLOW = `@id("erroring") forbid (principal, action in Action::"phase:apply", resource)
  when { context.planSteps * 9223372036854775807 * 2 > 9 };`;

const POLICY_ROWS: readonly Row[] = [
  {
    name: 'a folder without policies',
    code: 'no-policies',
    world: policies((folder) => {
      for (const file of ['baseline', 'iam-auditor', 'iam-auditor-propose'])
        rmSync(join(folder, `${file}.cedar`));
    }),
    unguarded: allowing(),
  },
  {
    name: 'a forbid that errors',
    code: 'policy-error',
    world: policies(adding(OVERFLOW)),
    // Cedar itself skips the erroring forbid and allows.
    unguarded: shipped(),
  },
  {
    name: 'a policy that does not parse',
    code: 'policies-invalid',
    world: policies(adding('permit (principal')),
    unguarded: allowing(),
  },
  {
    name: 'an id that comes twice',
    code: 'policies-invalid',
    world: policies(adding(`@id("iam-auditor-proposes") ${PERMIT};`)),
    unguarded: policies(adding(`@id("another") ${PERMIT};`)),
  },
  {
    name: 'an unknown annotation',
    code: 'policies-invalid',
    world: policies(adding(`@id("another") @priority("high") ${PERMIT};`)),
    unguarded: policies(adding(`@id("another") ${PERMIT};`)),
  },
  {
    name: 'a broken schema',
    code: 'policies-invalid',
    world: policies(rewriting('schema.cedarschema', (text) => text.slice(0, -20))),
    unguarded: shipped(),
  },
  {
    name: 'a decision point that crashes',
    code: 'pdp-failed',
    world: { decisionPoint: crashingDecisionPoint() },
    unguarded: shipped(),
  },
  {
    name: 'an agent that nobody knows',
    code: 'unknown-principal',
    world: policies(rewriting('agents.json', (text) => text.replace('iam-auditor', 'somebody'))),
    unguarded: shipped(),
  },
  {
    name: 'an action that the schema does not know',
    code: 'unknown-action',
    steps: [{ ...DETACH, action: 'iam:DisownRolePolicy' }],
    world: { ...shipped(), actions: withAlias('iam:DisownRolePolicy', 'iam:DetachRolePolicy') },
    unguarded: {
      ...allowing(),
      actions: withAlias('iam:DisownRolePolicy', 'iam:DetachRolePolicy'),
    },
  },
  {
    name: 'an action that nobody permits',
    code: 'no-permit',
    world: policies(
      rewriting('iam-auditor.cedar', (text) => text.replace('Action::"iam:DetachRolePolicy",', '')),
    ),
    unguarded: shipped(),
  },
  {
    name: 'a step that widens',
    code: 'denied',
    steps: [WIDENING],
    world: shipped(),
    unguarded: policies(
      rewriting('baseline.cedar', (text) => withoutPolicy(text, 'no-step-may-widen')),
    ),
  },
  {
    name: 'a protected principal behind a shared policy',
    code: 'denied',
    world: { ...shipped(), actions: reachingBreakGlass() },
    unguarded: {
      ...policies(
        rewriting('baseline.cedar', (text) => withoutPolicy(text, 'protected-principals')),
      ),
      actions: reachingBreakGlass(),
    },
  },
];

const DECISION_ROWS: readonly Row[] = [
  {
    name: 'an expired decision',
    code: 'decision-expired',
    world: shipped(),
    unguarded: { ...shipped(), wrap: claimingWith(async (write) => ({ ...write, now: 0 })) },
    attack: (world, run) => before(world, 'Execute', () => world.clock.sleep(10_000), run),
  },
  {
    name: 'a decision that was used',
    code: 'decision-used',
    steps: [DETACH, DELETE],
    effectsBefore: 1,
    world: { ...shipped(), wrap: claimingWith(naming(() => firstOf('own'))) },
    unguarded: shipped(),
  },
  {
    name: 'a decision of another transaction',
    code: 'decision-foreign',
    world: { ...shipped(), wrap: claimingWith(naming(() => firstOf('other'))) },
    unguarded: shipped(),
    attack: withOther,
  },
  {
    name: 'a decision of an older epoch',
    code: 'decision-stale',
    world: { ...shipped(), wrap: claimingWith(naming(() => firstOf('own'))) },
    unguarded: shipped(),
    attack: restarted,
  },
  {
    name: 'a decision that does not exist',
    code: 'decision-unknown',
    world: { ...shipped(), wrap: claimingWith(naming(() => async () => 'decision-none')) },
    unguarded: shipped(),
  },
  ...(
    [
      ['an input that was changed after the decision', 'inputDigest'],
      ['a plan that was changed after the decision', 'planDigest'],
      ['a state that is not the one decided on', 'beforeDigest'],
    ] as const
  ).map(([name, digest]) => ({
    name,
    code: 'decision-mismatch',
    world: { ...shipped(), wrap: claimingWith(expecting({ [digest]: 'f'.repeat(64) })) },
    unguarded: shipped(),
  })),
  {
    name: 'a lock that is not held',
    code: 'lock-lost',
    world: { ...shipped(), wrap: withoutLocks },
    unguarded: shipped(),
  },
];

describe('on doubt', () => {
  test.each([...POLICY_ROWS, ...DECISION_ROWS])('$name denies: $code', async (row) => {
    const world = openTestWorld(row.world);

    const codes = await attempt(world, row);

    expect(codes).toContain(row.code);
    expect(effects(world)).toHaveLength(2 * (row.effectsBefore ?? 0));
    expect(await recordedCodes(world)).toContain(row.code);
    world.close();
  });

  test.each([...POLICY_ROWS, ...DECISION_ROWS])('$name goes red without its guard', async (row) => {
    const world = openTestWorld({ ...row.unguarded, isReplayed: false });

    const codes = await attempt(world, row);

    expect(codes).not.toContain(row.code);
    expect(effects(world).length).toBe(row.steps?.length ?? 1);
    world.close();
  });
});

/** Proposes and runs; the codes that the caller or the row of the transaction show. */
async function attempt(world: TestWorld, row: Row): Promise<readonly string[]> {
  const codes: string[] = [];
  const run = async (on: TestWorld): Promise<void> => {
    const ended = await on.proposeAndRun(row.steps ?? [DETACH]);
    codes.push(ended.status, ended.reason?.detail ?? '');
    const isClean = ended.status === 'rejected' || ended.status === 'compensated';
    if (ended.reason !== undefined) expect([ended.reason.code, isClean]).toEqual(['denied', true]);
  };
  try {
    await (row.attack ?? ((on, go) => go(on)))(world, run);
  } catch (error) {
    if (!(error instanceof DeniedError)) throw error;
    codes.push(error.code);
  }
  return codes;
}
