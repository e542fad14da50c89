import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { attachedKey, boundaryKey, principalFacts } from '../../../actions/iam/grants-view.ts';
import { actionById } from '../../../actions/registry.ts';
import { openAccount, type SimulatedAccount } from '../../../adapters/embedded/account/account.ts';
import { auditAccount } from '../../../agents/iam-auditor/report.ts';
import type { Target } from '../../../core/action.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { type Plan, parsePlan } from '../../../core/plan.ts';
import { documentOf, NOW_MS } from './iam-world.ts';

const ACME = 'examples/acme-account.json';
const SANDBOX = '../shared/data/iam/account-sandbox.json';
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const open = (file: string): SimulatedAccount => {
  const account = openAccount(':memory:', { now: () => NOW_MS });
  account.load(read(file) as JsonObject);
  return account;
};

/** Whether each step of a plan widens, on the predictions of the steps before, as preflight asks. */
const widening = async (plan: Plan, account: SimulatedAccount): Promise<readonly boolean[]> => {
  const cloud = account.admin();
  const states = new Map<string, Json>();
  const answers: boolean[] = [];
  for (const { action: id, input } of plan.steps) {
    const action = actionById(id);
    if (action === undefined) throw new Error(`no action ${id}`);
    const target = await action.locate(input, plan.target, cloud);
    const key = action.footprint(target, input);
    const before = states.get(key) ?? (await action.read(target, input, cloud));
    const after = action.predict(input, before);
    answers.push(action.facts(target, input, before, after, { states }).widens);
    states.set(key, after);
  }
  return answers;
};

describe.each([ACME, SANDBOX])('the plans proposed for %s', (file) => {
  (existsSync(file) ? it : it.skip)('widen in no step', async () => {
    const { plans } = auditAccount(read(file));
    const account = open(file);

    const answers = await Promise.all(plans.map(({ plan }) => widening(plan, account)));

    const steps = answers.flat();
    console.info(`${file}: ${plans.length} plans, ${steps.length} steps`);
    expect(plans.length).toBeGreaterThanOrEqual(20);
    expect(steps.filter((widens) => widens)).toEqual([]);
  });
});

describe('the example plans', () => {
  it.each(readdirSync('examples/plans'))('%s widens only where it says so', async (file) => {
    const plan = parsePlan(read(`examples/plans/${file}`));

    const answers = await widening(plan, open(ACME));

    expect(answers.includes(true)).toBe(file === 'refused-by-policy.json');
  });
});

describe('facts of a later step', () => {
  const ARN = 'arn:aws:iam::111122223333:role/app';
  const WIDE = 'arn:aws:iam::111122223333:policy/wide';
  const NARROW = 'arn:aws:iam::111122223333:policy/narrow';
  const targetOf = (attributes: JsonObject): Target => ({
    accountId: '111122223333',
    arn: ARN,
    uniqueId: 'AROA',
    attributes: { attached: [WIDE], inline: {}, groups: {}, ...attributes },
    affected: [],
  });
  const documents = { [WIDE]: documentOf('s3:*') };
  const narrowAttached = { states: new Map<string, Json>([[attachedKey(ARN, NARROW), on()]]) };
  const none = { states: new Map<string, Json>() };
  function on(attached = true): JsonObject {
    return { uniqueId: 'AROA', attached };
  }
  const detachWide = { key: attachedKey(ARN, WIDE), before: on(), after: on(false) };

  it('leave out a policy of unknown document that stays', () => {
    const facts = principalFacts(targetOf({ documents }), detachWide, narrowAttached);

    expect(facts.widens).toBe(false);
  });

  it('doubt a policy of unknown document that goes, or comes', () => {
    const detach = { key: attachedKey(ARN, NARROW), before: on(), after: on(false) };
    const attach = { key: attachedKey(ARN, NARROW), before: on(false), after: on() };

    const gone = principalFacts(targetOf({ documents }), detach, narrowAttached);
    const come = principalFacts(targetOf({ documents }), attach, none);

    expect([gone.widens, come.widens]).toEqual([true, true]);
  });

  it('doubt a Deny that goes while an unknown policy stays', () => {
    const denying = { [WIDE]: documentOf('s3:*', 'Deny') };

    const facts = principalFacts(targetOf({ documents: denying }), detachWide, narrowAttached);

    expect(facts.widens).toBe(true);
  });

  it('doubt an unknown boundary that goes, also where its policy is attached too', () => {
    const key = boundaryKey(ARN);
    const change = { key, before: { uniqueId: 'AROA', boundary: WIDE }, after: on() };
    const target = targetOf({ documents: {}, boundary: WIDE });

    expect(principalFacts(target, change, none).widens).toBe(true);
  });
});
