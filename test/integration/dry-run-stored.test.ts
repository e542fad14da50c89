import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadDecisionPoint } from '../../adapters/cedar/decision-point.ts';
import { DeniedError, InvalidInputError, StaleStateError } from '../../core/errors.ts';
import { dryRun } from '../../core/tasks/dry-run.ts';
import { halt } from '../../core/tasks/halt.ts';
import { TASKS } from '../../core/tasks/index.ts';
import { findFor } from '../../core/tasks/operate.ts';
import { dryRunAs, proposeAs } from '../../core/tasks/propose-as.ts';
import type { Transaction } from '../../core/transaction.ts';
import { caseNamed } from './support/action-cases.ts';
import { AGENT, OPERATOR, openTestWorld, planOf, type TestWorld } from './support/world.ts';

const ACTOR = `agent:${AGENT}`;
const DETACH = caseNamed('iam:DetachRolePolicy').step;
const WIDENS = caseNamed('iam:DeleteRolePermissionsBoundary').step;

let world: TestWorld;
let rows: Transaction[];

beforeEach(() => {
  rows = [];
  world = openTestWorld({
    decisionPoint: loadDecisionPoint('policies'),
    wrap: (ports) => ({
      ...ports,
      store: {
        ...ports.store,
        async create(transaction, records) {
          rows.push(transaction);
          return ports.store.create(transaction, records);
        },
      },
    }),
  });
});

afterEach(() => world.close());

const run = (steps = [DETACH]) => dryRun(world.ports, { plan: planOf(steps), actor: ACTOR });

describe('a dry run on the stored form', () => {
  test('of a plan that does not parse stores nothing', async () => {
    await expect(dryRun(world.ports, { plan: {}, actor: ACTOR })).rejects.toThrow(
      InvalidInputError,
    );

    expect(rows).toEqual([]);
  });

  test('is refused under a kill switch, with a record', async () => {
    await halt(world.ports, { operator: OPERATOR, scope: 'all', mode: 'halt', reason: 'a test' });

    await expect(run()).rejects.toMatchObject({ code: 'halt' });

    expect(rows).toEqual([]);
  });

  test('of a step that policy denies says by which policy', async () => {
    const report = await run([DETACH, WIDENS]);

    expect(report.answer).toBe('deny');
    expect(report.reason).toMatchObject({ code: 'denied', stepIndex: 1 });
    expect(report.steps[1]?.answer.reasons.map(({ id }) => id)).toContain('no-step-may-widen');
  });

  test('of a target that is not there is refused as preflight would', async () => {
    const input = { ...DETACH.input, RoleName: 'nobody' };

    const report = await run([{ ...DETACH, input }]);

    expect(report).toMatchObject({ answer: 'refused', steps: [] });
    expect(report.reason?.detail).toBe('NoSuchEntity');
  });

  test('predicts, and changes neither account nor evidence nor locks', async () => {
    const before = world.account.digest();
    const streams = await world.ports.store.streams();

    const report = await run();

    expect(report.answer).toBe('allow');
    expect(report.steps[0]?.prepared.before).not.toEqual(report.steps[0]?.prepared.predicted);
    expect(world.account.digest()).toBe(before);
    expect(await world.ports.store.streams()).toEqual(streams);
    const [resource = ''] = report.steps[0]?.prepared.resources ?? [];
    expect(await world.ports.store.lockHolder(resource)).toBeUndefined();
  });

  test('leaves a row that nothing starts, no task works on and nobody is shown', async () => {
    await run();
    const [{ id, sealed } = { id: '', sealed: false }] = rows;
    const caller = { type: 'Operator', id: OPERATOR } as const;

    await expect(world.run(rows[0] as Transaction)).rejects.toThrow(StaleStateError);
    for (const [name, task] of Object.entries(TASKS)) {
      const state = { transactionId: id, epoch: 0, stepIndex: 0, next: name.toLowerCase() };
      await expect(task(world.ports, state)).rejects.toThrow(StaleStateError);
    }
    await expect(findFor(world.ports, caller, id)).rejects.toMatchObject({
      code: 'transaction-not-found',
    });
    expect(sealed).toBe(true);
    expect(await world.controlPlane.lost()).toEqual([]);
    expect(await world.ports.store.claims(id)).toEqual([]);
  });
});

describe('an authenticated caller', () => {
  const other = { type: 'Agent', id: 'somebody-else' } as const;
  const operator = { type: 'Operator', id: OPERATOR } as const;
  const proposal = { plan: planOf([DETACH]), idempotencyKey: 'one' };

  test.each([
    ['another agent', other, 'foreign-agent'],
    ['an operator', operator, 'agents-only'],
  ] as const)('%s does not propose in the name of the agent', async (_, caller, code) => {
    await expect(proposeAs(world.ports, caller, proposal)).rejects.toMatchObject({ code });
    await expect(dryRunAs(world.ports, caller, proposal.plan)).rejects.toThrow(DeniedError);

    expect(rows).toEqual([]);
    const [stream = ''] = await world.ports.store.streams();
    const records = (await world.ports.store.records(stream)).map((one) =>
      String(Buffer.from(one)),
    );
    expect(records.filter((one) => one.includes(`"code":"${code}"`))).toHaveLength(2);
  });

  test('the agent itself does', async () => {
    const { transaction } = await proposeAs(world.ports, { type: 'Agent', id: AGENT }, proposal);

    expect(transaction).toMatchObject({ agent: AGENT, actor: ACTOR, status: 'proposed' });
  });
});
