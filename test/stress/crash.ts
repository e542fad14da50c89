// The crash test, `npm run crash [-- SEED [THIN [RECOVERY]]]`: exit 1 when a crash loses or doubles anything, or
// when it does not notice an engine that does.
import { makeBed } from './crash-bed.ts';
import { controlText, isRed, runControls } from './crash-controls.ts';
import { openLane } from './crash-process.ts';
import {
  abandonPlan,
  baseline,
  type Choose,
  type Coverage,
  cutPlan,
  killPlan,
  killRecoveries,
} from './crash-run.ts';
import { tallyText } from './crash-tally.ts';
import { seeded } from './seeded.ts';

const LANES = 3;
const POINTS_MIN = 100;

/** Every n-th point is tried; odd, so that befores and afters are both among them. */
const STRIDE = { plan: 1, recovery: 1, abandoned: 3, power: 1, torn: 3 } as const;

const [seedText, thinText, recoveryText] = process.argv.slice(2);
const seed = Number(seedText ?? Date.now() % 1_000_000);
const thin = Number(thinText ?? 1);
process.exitCode = (await main(seed, thin, thin * Number(recoveryText ?? 1))) ? 0 : 1;

/** `thin` multiplies every stride, for a quick look, `thinRecovery` that of crashed recoveries. */
async function main(seed: number, thin: number, thinRecovery: number): Promise<boolean> {
  const startedAt = performance.now();
  const bed = makeBed();
  const lanes = Array.from({ length: LANES }, () => openLane(bed.decisionPoint, bed.cacheFolder));
  try {
    const [lane] = lanes;
    if (lane === undefined) return false;
    const base = await baseline(bed, lane);
    const { commits, fails, digests } = base;
    console.log(`seed ${seed}; SIGKILL before and after each call of each port and each disk sync`);
    console.log(`uninterrupted: \`commits\` ${commits.status}, \`fails\` ${fails.status}`);
    const by = (stride: number) => strided(stride * thin, seed);
    const committing = { scenario: commits, digests };
    const failing = { scenario: fails, digests };
    const commit = show(await killPlan(bed, lanes, committing, by(STRIDE.plan)));
    const compensate = show(await killPlan(bed, lanes, failing, by(STRIDE.plan)));
    const recovery = (
      await killRecoveries(bed, lanes, base, strided(STRIDE.recovery * thinRecovery, seed))
    ).map(show);
    const more = [show(await abandonPlan(bed, lanes, committing, by(STRIDE.abandoned)))];
    const random = seeded(seed);
    for (const cut of [committing, failing]) {
      const { plan } = cut.scenario;
      const lost = { ...cut, keeps: () => 0, name: `${plan}, power lost` };
      more.push(show(await cutPlan(bed, lanes, lost, by(STRIDE.power))));
      const torn = { ...cut, keeps: random, name: `${plan}, power lost, logs torn` };
      more.push(show(await cutPlan(bed, lanes, torn, by(STRIDE.torn))));
    }
    const controls = await runControls(bed, lanes, digests);
    console.log(controls.map(controlText).join('\n'));
    const violations = sumOf(
      [commit, compensate, ...recovery, ...more],
      (one) => one.violations.length,
    );
    const points = sumOf([commit, compensate, ...recovery], (one) => one.points);
    const counts = `commit ${commit.points}, compensate ${compensate.points}, recovery ${sumOf(recovery, (one) => one.points)}`;
    const red = controls.filter(isRed).length;
    console.log(`crash points: ${points} (${counts}), violations ${violations}`);
    console.log(`and ${sumOf(more, (one) => one.points)} with the plan expired or the power lost`);
    console.log(`negative controls: ${red}/${controls.length} red`);
    console.log(`took ${Math.round((performance.now() - startedAt) / 1000)} s`);
    const isMeant = commits.status === 'committed' && fails.status === 'compensated';
    return isMeant && violations === 0 && red === controls.length && points >= POINTS_MIN;
  } finally {
    for (const lane of lanes) lane.close();
    bed.close();
  }
}

function strided(stride: number, seed: number): Choose {
  return (points) =>
    Array.from({ length: points }, (_, index) => index + 1).filter(
      (point) => point % stride === seed % stride,
    );
}

function show(coverage: Coverage): Coverage {
  const { name, points, total } = coverage;
  const share = points === total ? 'every point' : `of ${total} points`;
  console.log(tallyText(`${name} (${share})`, coverage));
  return coverage;
}

function sumOf(all: readonly Coverage[], count: (one: Coverage) => number): number {
  return all.reduce((sum, one) => sum + count(one), 0);
}
