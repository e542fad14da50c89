import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Tri } from '../../../iam/context.ts';
import { can } from '../../../iam/principal.ts';
import { type PlainStatement, statementsOf } from '../../brute-force/statements.ts';
import { matches } from '../../brute-force/wildcards.ts';
import { policyText, type StatementText, whenever } from './policy-texts.ts';

const RUNS = 2_000;
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const patternOf = (letters: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...letters, '*', '?'), { minLength: 1, maxLength: 5 })
    .map((all) => all.join(''));
const textOf = (letters: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 4 }).map((all) => all.join(''));
const ACTION_LETTERS = ['a', 'B', ':'];
const RESOURCE_LETTERS = ['x', 'Y', '.', '/'];
const sets = (letters: readonly string[]): fc.Arbitrary<readonly string[]> =>
  fc.array(fc.oneof(fc.constant('*'), patternOf(letters)), { minLength: 1, maxLength: 2 });

const statement: fc.Arbitrary<StatementText> = fc
  .record({
    effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
    actionKey: fc.constantFrom('Action', 'Action', 'NotAction'),
    actions: sets(ACTION_LETTERS),
    resourceKey: fc.constantFrom('Resource', 'Resource', 'NotResource'),
    resources: sets(RESOURCE_LETTERS),
    condition: fc.constantFrom({}, {}, whenever('Bool', 'mfa', 'true')),
  })
  .map((one) => ({
    Effect: one.effect,
    [one.actionKey]: one.actions,
    [one.resourceKey]: one.resources,
    ...one.condition,
  }));
const text = fc.array(statement, { minLength: 1, maxLength: 2 }).map((all) => policyText(...all));

interface Call {
  readonly action: string;
  readonly resource: string;
  readonly mfa: string;
}
const call: fc.Arbitrary<Call> = fc.record({
  action: textOf(ACTION_LETTERS),
  resource: textOf(RESOURCE_LETTERS),
  mfa: fc.constantFrom('true', 'false'),
});

/** "Policy evaluation logic" of the user guide, word by word. */
const plainly = (identity: readonly string[], boundary: string | undefined, made: Call): Tri => {
  const hits = (texts: readonly string[], isDeny: boolean): boolean =>
    texts
      .flatMap((each) => statementsOf(each) ?? [])
      .some((each) => each.isDeny === isDeny && applies(each, made));
  const all = boundary === undefined ? identity : [...identity, boundary];
  if (hits(all, true)) return 'no';
  return hits(identity, false) && (boundary === undefined || hits([boundary], false))
    ? 'yes'
    : 'no';
};

const applies = (each: PlainStatement, { action, resource, mfa }: Call): boolean =>
  each.hasAction(action.toLowerCase()) &&
  each.reaches.some(
    (reach) =>
      matches(reach.resource, resource) &&
      !reach.except.some((pattern) => matches(pattern, resource)) &&
      (reach.conditions.length === 0 || mfa === 'true'),
  );

describe('evaluation against a second reading of the rules', () => {
  it('answers the same for random policies and calls', () => {
    const answers = { yes: 0, no: 0, depends: 0 };
    const identities = fc.array(text, { maxLength: 3 });
    const boundaries = fc.option(text, { nil: undefined });
    const property = fc.property(identities, boundaries, call, (identity, boundary, made) => {
      const grants = {
        identity: identity.map((documentText) => ({ source: 'x', documentText })),
        ...(boundary === undefined ? {} : { boundary }),
      };

      const answer = can(grants, { ...made, context: { mfa: made.mfa }, contextComplete: true });

      answers[answer] += 1;
      expect(answer).toBe(plainly(identity, boundary, made));
    });

    fc.assert(property, { numRuns: RUNS, seed });

    console.info(`seed ${seed}: ${JSON.stringify(answers)}`);
    expect(answers.yes).toBeGreaterThan(RUNS / 20);
  });
});
