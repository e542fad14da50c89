import fc from 'fast-check';
import type { Action } from '../../../core/action.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import type { Json } from '../../../core/json.ts';
import { documentOf, INLINE_NAMES, POLICY_NAMES, type World } from './iam-world.ts';

const CASES = 200;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
export const world: fc.Arbitrary<World> = fc.record({
  attached: fc.subarray(POLICY_NAMES),
  inline: fc.subarray(INLINE_NAMES),
  boundary: fc.option(fc.constantFrom(...POLICY_NAMES), { nil: undefined }),
});
/** What a step is about. */
export const choice = fc.record({
  policy: fc.constantFrom(...POLICY_NAMES),
  inline: fc.constantFrom(...INLINE_NAMES),
  document: fc
    .tuple(fc.constantFrom('s3:GetObject', 's3:*', 'iam:PassRole'), fc.constantFrom('', ' ', '\n'))
    .map(([action, space]) => documentOf(action) + space),
});
/** `undefined` where the action cannot apply to that state. */
export const predicted = (
  action: Action,
  input: Parameters<Action['predict']>[0],
  before: Json,
) => {
  try {
    return action.predict(input, before);
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
};
/** Holds a property to so many cases; the seed is printed. */
export const check = <Choice>(property: fc.IAsyncProperty<[World, Choice]>): Promise<void> =>
  fc.assert(property, { numRuns: CASES, seed: SEED });

console.log(`seed ${SEED}, ${CASES} cases an action and property`);
