import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { approve } from '../../core/tasks/approve.ts';
import { seenOf } from './support/approving.ts';
import { type AuditWorld, openAuditWorld, PLANS } from './support/audit-world.ts';

let opened: AuditWorld;
beforeEach(() => {
  opened = openAuditWorld();
});
afterEach(async () => {
  opened.releaseRunner();
  await opened.settled();
  opened.close();
});

const statuses = async () => (await opened.transactions()).map(({ status }) => status);

describe('an audit', () => {
  test('in mode report says what it finds and proposes nothing', async () => {
    const before = opened.world.account.digest();

    const { ending, auditId, visited } = await opened.audit('report');

    expect({ ending, visited }).toEqual({ ending: 'Done', visited: ['Enumerate', 'Validate'] });
    expect(opened.report(auditId).plans).toHaveLength(PLANS);
    expect(await opened.transactions()).toEqual([]);
    expect(opened.world.account.digest()).toBe(before);
  });

  test('in mode propose leaves every plan awaiting approval, as the agent of that mode', async () => {
    const before = opened.world.account.digest();

    const { ending } = await opened.audit('propose');

    const transactions = await opened.transactions();
    expect(ending).toBe('Done');
    expect(transactions.map(({ status, actor }) => ({ status, actor }))).toEqual(
      Array(PLANS).fill({ status: 'awaiting-approval', actor: 'agent:iam-auditor-propose' }),
    );
    expect(opened.world.account.digest()).toBe(before);
  });

  test('proposes no plan twice that waits already', async () => {
    await opened.audit('propose');
    const known = (await opened.transactions()).map(({ id }) => id);

    const { ending } = await opened.audit('propose');

    expect(ending).toBe('Done');
    expect((await opened.transactions()).map(({ id }) => id)).toEqual(known);
  });

  test('has what was approved run, and then proposes only what is new', async () => {
    await opened.audit('propose');
    const { ports } = opened.world;
    for (const waiting of await opened.transactions()) {
      const granted = await approve(ports, { type: 'Operator', id: 'alice' }, seenOf(waiting));
      await opened.world.run(granted);
    }

    const { ending, auditId } = await opened.audit('propose');

    expect(ending).toBe('Done');
    expect(await statuses()).toEqual(Array(PLANS).fill('committed'));
    expect(opened.report(auditId).plans).toEqual([]);
  });

  test('in mode apply commits everything permitted, and a second one has no plan', async () => {
    const first = await opened.audit('apply');
    const second = await opened.audit('apply');

    expect([first.ending, second.ending]).toEqual(['Done', 'Done']);
    expect(await statuses()).toEqual(Array(PLANS).fill('committed'));
    expect(opened.progress(first.auditId)).toMatchObject({ open: [], refused: [] });
    expect(opened.progress(first.auditId).ended).toHaveLength(PLANS);
    expect(opened.report(second.auditId).plans).toEqual([]);
    expect(second.visited).toEqual(['Enumerate', 'Validate']);
  });
});
