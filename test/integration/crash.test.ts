import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bed, makeBed } from '../stress/crash-bed.ts';
import { type Lane, openLane } from '../stress/crash-process.ts';
import { type Baseline, baseline, cutPlan, killPlan } from '../stress/crash-run.ts';
import { planScenario, pointsWhere, trialAt } from '../stress/crash-scenario.ts';
import { tally } from '../stress/crash-tally.ts';
import { seeded } from '../stress/seeded.ts';

// A sample of `npm run crash`, which tries every point.
const POINTS = 4;
const seed = Date.now() % 1_000_000;
const random = seeded(seed);

let bed: Bed;
let lanes: readonly Lane[];
let base: Baseline;

/** One point of each of `POINTS` equal parts. */
function sample(points: number): readonly number[] {
  const part = points / POINTS;
  return Array.from({ length: POINTS }, (_, index) => 1 + Math.floor((index + random()) * part));
}

beforeAll(async () => {
  console.log(`crash test, seed ${seed}`);
  bed = makeBed();
  lanes = [
    openLane(bed.decisionPoint, bed.cacheFolder),
    openLane(bed.decisionPoint, bed.cacheFolder),
  ];
  base = await baseline(bed, lanes[0] as Lane);
});

afterAll(() => {
  for (const lane of lanes) lane.close();
  bed.close();
});

describe('a process killed at any point', () => {
  it('is noticed when the claim comes after the effect', async () => {
    const mutant = 'claim-after-effect';
    const scenario = await planScenario(bed, lanes[0] as Lane, { plan: 'commits', mutant });
    const [killAt = 0] = pointsWhere(scenario, /^after cloud\.call iam:PutRolePolicy/);

    const { red } = await tally(bed, lanes, [trialAt(scenario, base.digests, killAt)], () => '');

    expect(red).toBe(1);
  });

  it.each(['commits', 'fails'] as const)(
    'of a plan that %s loses and doubles nothing',
    async (plan) => {
      const scenario = base[plan];

      const result = await killPlan(bed, lanes, { scenario, digests: base.digests }, sample);

      expect(result).toMatchObject({ points: POINTS, violations: [] });
    },
  );

  it('loses nothing that was promised when the power goes too', async () => {
    const cut = { scenario: base.commits, digests: base.digests, keeps: random, name: 'power' };

    const result = await cutPlan(bed, lanes, cut, sample);

    expect(result).toMatchObject({ points: POINTS, violations: [] });
  });

  it('has two plans to die in: one that commits, one that is compensated', () => {
    expect([base.commits.status, base.fails.status]).toEqual(['committed', 'compensated']);
  });
});
