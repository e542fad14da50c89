import type { Bed } from './crash-bed.ts';
import { MUTANTS, type Mutant } from './crash-mutants.ts';
import type { Lane } from './crash-process.ts';
import {
  type Digests,
  EXPIRED_MS,
  planScenario,
  pointsWhere,
  type Scenario,
  trialAt,
} from './crash-scenario.ts';
import { tally } from './crash-tally.ts';
import type { Trial } from './crash-trial.ts';

/** A defect of the engine, and at how many of the points tried it was noticed. */
export interface Control {
  readonly mutant: Mutant;
  readonly tried: number;
  readonly red: number;
  /** What was noticed first. */
  readonly first?: string;
}

const OUTCOME = /^after store\.change committed/;
const EFFECT = /^after cloud\.call iam:(Put|Attach|Detach|Delete)/;

/** Runs the crash test on an engine with each defect, where that defect matters. */
export async function runControls(
  bed: Bed,
  lanes: readonly Lane[],
  digests: Digests,
): Promise<readonly Control[]> {
  const controls: Control[] = [];
  for (const mutant of MUTANTS) controls.push(await runControl(bed, lanes, { mutant, digests }));
  return controls;
}

async function runControl(
  bed: Bed,
  lanes: readonly Lane[],
  { mutant, digests }: { readonly mutant: Mutant; readonly digests: Digests },
): Promise<Control> {
  const [lane] = lanes;
  if (lane === undefined) return { mutant, tried: 0, red: 0 };
  const plan = mutant === 'no-barrier-after-compensation-claim' ? 'fails' : 'commits';
  const scenario = await planScenario(bed, lane, { plan, mutant });
  const trials = pointsFor(mutant, scenario).map(
    (killAt): Trial => withFault(mutant, trialAt(scenario, digests, killAt)),
  );
  const nameOf = ({ killAt }: Trial) => scenario.labels[killAt - 1] ?? '';
  const { points, red, violations } = await tally(bed, lanes, trials, nameOf);
  return { mutant, tried: points, red, ...(violations[0] && { first: violations[0] }) };
}

/** Where the defect opens a gap: after each effect, or after what was told too early. */
function pointsFor(mutant: Mutant, scenario: Scenario): readonly number[] {
  switch (mutant) {
    case 'claim-after-effect':
    case 'no-barrier-after-claim':
      return pointsWhere(scenario, EFFECT);
    case 'no-barrier-after-compensation-claim':
      // The last mutating calls of this plan are the five inverse ones.
      return pointsWhere(scenario, EFFECT).slice(-5);
    case 'no-barrier-after-proposal':
      return [scenario.acknowledgedAt];
    case 'no-barrier-after-outcome':
      return pointsWhere(scenario, OUTCOME);
  }
}

/** A missing barrier shows when the power fails; a late claim when the process dies. */
function withFault(mutant: Mutant, trial: Trial): Trial {
  if (mutant === 'claim-after-effect') return trial;
  const cut = { ...trial, keeps: () => 0 };
  if (mutant !== 'no-barrier-after-outcome') return cut;
  // An outcome that was taken back comes again by itself, unless the plan has expired since.
  const expected = { ...trial.expected, status: 'committed' } as const;
  return { ...cut, expected, restartsAt: trial.startsAt + EXPIRED_MS };
}

/** True when the defect was noticed at every point at which it shows. */
export function isRed({ tried, red }: Control): boolean {
  return tried > 0 && red === tried;
}

/** One line of a control. */
export function controlText({ mutant, tried, red, first }: Control): string {
  const shown = first === undefined ? 'not noticed' : `for example: ${first}`;
  return `  ${mutant}: red at ${red} of ${tried} points; ${shown}`;
}
