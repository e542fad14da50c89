import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { grantsNothingNew } from '../../../iam/contain.ts';
import type { RequestContext, Tri } from '../../../iam/context.ts';
import { can, type PrincipalGrants } from '../../../iam/principal.ts';
import { policyText, type StatementText, variable, whenever } from './policy-texts.ts';

const RUNS = 1_500;
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const B = 'arn:aws:s3:::b';
const ACTIONS = ['s3:GetObject', 's3:GetTags', 's3:PutObject', 's3:', 'iam:PassRole', 'a:b'];
const RESOURCES = ['*', B, `${B}/x`, `${B}/ann/x`, `${B}/${variable('aws:username')}/x`, 'y'];
const CONTEXTS: readonly RequestContext[] = [
  {},
  { mfa: 'true' },
  { 'aws:username': 'ann' },
  { mfa: 'true', 'aws:username': 'bob' },
];

const actionSet = fc.uniqueArray(
  fc.constantFrom('*', 's3:*', 'S3:Get*', 's3:?*', 's3:*Object', 's3:GetObject', 'iam:*', 'a:?'),
  { minLength: 1, maxLength: 3 },
);
const resourceSet = fc.uniqueArray(
  fc.constantFrom('*', `${B}*`, `${B}/*`, `${B}/?`, `${B}/${variable('aws:username')}/*`, 'y'),
  { minLength: 1, maxLength: 2 },
);
const condition = fc.constantFrom(
  {},
  {},
  whenever('Bool', 'mfa', 'true'),
  whenever('BoolIfExists', 'mfa', 'true'),
  { Condition: { Bool: { mfa: 'true' }, StringLike: { 'aws:username': 'a*' } } },
);
const statement: fc.Arbitrary<StatementText> = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    actionKey: fc.constantFrom('Action', 'Action', 'Action', 'NotAction'),
    actions: actionSet,
    resourceKey: fc.constantFrom('Resource', 'Resource', 'Resource', 'NotResource'),
    resources: resourceSet,
    condition,
  })
  .map((one) => ({
    Effect: one.Effect,
    [one.actionKey]: one.actions,
    [one.resourceKey]: one.resources,
    ...one.condition,
  }));
const policy = fc.array(statement, { minLength: 1, maxLength: 2 });

interface Holding {
  readonly policies: readonly (readonly StatementText[])[];
  readonly boundary: readonly StatementText[] | undefined;
}
const holding: fc.Arbitrary<Holding> = fc.record({
  policies: fc.array(policy, { maxLength: 3 }),
  boundary: fc.option(policy, { nil: undefined, freq: 2 }),
});

/** One field of one statement drawn anew, so that many changes are small ones. */
const edited = (start: Holding): fc.Arbitrary<Holding> => {
  const redraw = (one: StatementText): fc.Arbitrary<StatementText> =>
    fc.oneof(
      statement.map((other) => ({ ...other, Effect: one['Effect'] })),
      actionSet.map((actions) =>
        'Action' in one ? { ...one, Action: actions } : { ...one, NotAction: actions },
      ),
      resourceSet.map((resources) =>
        'Resource' in one ? { ...one, Resource: resources } : { ...one, NotResource: resources },
      ),
      condition.map((more) => {
        const { Condition: _, ...rest } = one;
        return { ...rest, ...more };
      }),
      fc.constant(one),
    );
  const change = (documents: readonly (readonly StatementText[])[]) =>
    fc
      .tuple(...documents.map((each) => fc.tuple(...each.map(redraw))))
      .chain((all) => fc.subarray(all as StatementText[][]));
  const bounds =
    start.boundary === undefined ? fc.constant(undefined) : fc.tuple(...start.boundary.map(redraw));
  return fc.record({
    policies: fc.oneof(
      change(start.policies),
      fc.tuple(fc.constant(start.policies), policy).map(([all, one]) => [...all, one]),
    ),
    boundary: fc.oneof(fc.constant(start.boundary), fc.option(policy, { nil: undefined }), bounds),
  });
};

const grantsOfHolding = ({ policies, boundary }: Holding): PrincipalGrants => ({
  identity: policies.map((each, at) => ({
    source: `policy-${at + 1}`,
    documentText: policyText(...each),
  })),
  ...(boundary === undefined ? {} : { boundary: policyText(...boundary) }),
});

const RANK: Readonly<Record<Tri, number>> = { no: 0, depends: 1, yes: 2 };

/** Sampled calls that are possible after and were less so before. */
const gained = (before: PrincipalGrants, after: PrincipalGrants): readonly string[] =>
  ACTIONS.flatMap((action) =>
    RESOURCES.flatMap((resource) =>
      CONTEXTS.filter((context) => {
        const request = { action, resource, context, contextComplete: true };
        return RANK[can(after, request)] > RANK[can(before, request)];
      }).map((context) => `${action} on ${resource} with ${JSON.stringify(context)}`),
    ),
  );

describe('the proof against brute force', () => {
  it('never calls a change narrow that allows a sampled call', () => {
    let proved = 0;
    let gains = 0;
    const changes = holding.chain((before) => fc.tuple(fc.constant(before), edited(before)));
    const property = fc.property(changes, ([before, after]) => {
      const pair = [grantsOfHolding(before), grantsOfHolding(after)] as const;
      const isProved = grantsNothingNew(...pair).proved;
      const found = gained(...pair);
      proved += isProved ? 1 : 0;
      gains += found.length > 0 ? 1 : 0;
      if (isProved) expect(found).toEqual([]);
    });

    fc.assert(property, { numRuns: RUNS, seed });

    console.info(`seed ${seed}: ${RUNS} changes, ${proved} proved, ${gains} gain a sampled call`);
    expect(proved).toBeGreaterThan(RUNS / 10);
    expect(gains).toBeGreaterThan(RUNS / 10);
  });
});
