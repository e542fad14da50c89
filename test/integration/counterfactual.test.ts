import { expect, test } from '@jest/globals';
import type { StepDraft } from '../../core/action.ts';
import type { EvidenceRecord } from '../../core/evidence/record.ts';
import type { DecisionPoint } from '../../core/ports/decision-point.ts';
import { counterfactual } from '../../core/replay/counterfactual.ts';
import { recordedOf } from '../../core/replay/recorded.ts';
import { seeded } from '../stress/seeded.ts';
import { otherPolicies } from './support/other-policies.ts';
import { randomPlan } from './support/random-runs.ts';
import { PROTOCOL, partsOf } from './support/replaying.ts';
import { AGENT, openTestWorld, planOf, type TestWorld } from './support/world.ts';

const CASES = Number(process.env['RUNS'] ?? 200);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const TEST_MS_MAX = 240_000;

/** What would have become of a transaction of a world. */
async function wouldBe({ ports }: TestWorld, id: string, policies: DecisionPoint) {
  const recorded = await recordedOf(ports.store, id);
  return counterfactual(partsOf(ports), PROTOCOL, { recorded, policies });
}

/** A record without what differs between two runs of one plan: ids, times, who allowed. */
function shape({ kind, epoch, stepIndex, attempt, data }: EvidenceRecord): unknown {
  const { decision, answer, afterDigest, ok, reason, status, as } = data;
  const answered = (decision as { answer?: string } | undefined)?.answer ?? answer;
  const policies = answered === 'deny' ? data['reasons'] : undefined;
  return {
    kind,
    epoch,
    stepIndex,
    attempt,
    answered,
    policies,
    afterDigest,
    ok,
    reason,
    status,
    as,
  };
}

test(
  'another policy set gives the transaction that it would have made',
  async () => {
    process.stderr.write(`counterfactual: seed ${SEED}\n`);
    const random = seeded(SEED);
    const seen = new Map<string, number>();
    for (let cases = 0; cases < CASES; cases += 1) {
      const steps: readonly StepDraft[] = randomPlan(random);
      const { what, decisionPoint } = otherPolicies(
        random,
        steps.map(({ action }) => action),
      );
      const world = openTestWorld({ isReplayed: false });
      const live = openTestWorld({ isReplayed: false, decisionPoint });
      const { id } = await world.proposeAndRun(steps);

      const found = await wouldBe(world, id, decisionPoint);
      const key = 'key';
      const proposal = { plan: planOf(steps), idempotencyKey: key, actor: `agent:${AGENT}` };
      const told = await live.propose(steps, key).then(
        (transaction) => live.run(transaction),
        (error: Error) => error,
      );

      const about = {
        what,
        steps: steps.map(({ action }) => action),
        proposal: proposal.idempotencyKey,
      };
      if (told instanceof Error) {
        expect({ about, found }).toMatchObject({
          found: {
            verdict: 'differs',
            would: { status: 'refused', reason: { message: told.message } },
          },
        });
      } else if (found.verdict === 'same') {
        expect({ about, status: found.status }).toEqual({ about, status: told.status });
      } else {
        expect({ about, verdict: found.verdict }).toEqual({ about, verdict: 'differs' });
        if (found.verdict !== 'differs') continue;
        const { status, reason, records } = found.would;
        expect({ about, status, reason }).toEqual({
          about,
          status: told.status,
          reason: told.reason,
        });
        const shapes = (await live.records(told.id)).map(shape);
        expect({ about, records: records.map(shape) }).toEqual({ about, records: shapes });
      }
      const outcome =
        found.verdict === 'differs' ? `differs: ${found.would.status}` : found.verdict;
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      world.close();
      live.close();
    }
    process.stderr.write(
      `counterfactual: ${CASES} cases: ${[...seen].map(([how, many]) => `${how} ${many}`).join(', ')}\n`,
    );

    for (const status of ['refused', 'rejected', 'compensated', 'awaiting-approval'])
      expect([...seen.keys()]).toContain(`differs: ${status}`);
    expect([...seen.keys()]).toContain('same');
  },
  TEST_MS_MAX,
);
