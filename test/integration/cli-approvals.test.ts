import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  EvidenceOfAll,
  Proposed,
  TransactionDetail,
  TransactionSummary,
} from '../../cli/json-shapes.ts';
import { inFolder, planFile, planOf, scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';

const APPROVE = ['tx', 'approve'] as const;

describe('approvals on the command line', () => {
  const scratch = scratchFolder();
  const data = join(scratch, 'data');
  const on = (...args: string[]) => [...args, '--data', data];
  /** An example plan of the auditor whose plans wait. */
  const waitingPlan = (name: string): string => {
    const path = join(scratch, `${name}.json`);
    const plan = { ...planOf(name), agent: 'iam-auditor-propose' };
    fs.writeFileSync(path, JSON.stringify(plan));
    return path;
  };

  beforeAll(() => inFolder({ data }, async () => undefined));
  afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

  test('a plan that waits is shown, approved and run', async () => {
    const plan = waitingPlan('close-temporary-access');
    const waiting = await interlock(on('tx', 'propose', plan));
    const id = /tx-[0-9a-f]+/.exec(waiting.stdout)?.[0] ?? '';
    const [list, shown, unconfirmed] = await Promise.all([
      interlock(on('tx', 'list')),
      interlock(on('tx', 'show', id)),
      interlock(on(...APPROVE, id)),
    ]);

    const approved = await interlockJson(TransactionSummary, on(...APPROVE, id, '--yes'));
    const again = await interlock(on(...APPROVE, id, '--yes', '--json'));
    const detail = await interlockJson(TransactionDetail, on('tx', 'show', id));
    const evidence = await interlockJson(EvidenceOfAll, on('evidence', 'verify', '--all'));

    expect(waiting.code).toBe(8);
    expect(waiting.stderr).toContain(`it has 0 of 1 approvals`);
    expect(waiting.stderr).toContain(`interlock tx approve ${id}`);
    expect(list.stderr).toContain('interlock tx approve ID');
    expect(shown.stderr).toContain(`interlock tx approve ${id}`);
    expect(unconfirmed.code).toBe(2);
    expect(unconfirmed.stderr).toContain('waits: 0 of 1 approval');
    expect(unconfirmed.stderr).toContain('proposed by agent:iam-auditor-propose');
    expect(unconfirmed.stderr).toContain('iam-auditor-propose-needs-approval');
    expect(approved).toMatchObject({ code: 0, value: { status: 'committed' } });
    expect([again.code, errorOf(again).code]).toEqual([2, 'not-awaiting-approval']);
    expect(detail.value.transaction.approval).toMatchObject({
      needed: 1,
      given: [{ by: expect.stringMatching(/^operator:/) }],
      grantedAt: expect.any(String),
    });
    expect(evidence.code).toBe(0);
  });

  test('a plan that waits is refused, with the reason', async () => {
    const plan = waitingPlan('narrow-ci-deploy');
    const { value: waiting } = await interlockJson(Proposed, on('tx', 'propose', plan));

    const refused = await interlockJson(
      TransactionSummary,
      on('tx', 'refuse', waiting.transaction.id, '--reason', 'still in use'),
    );

    expect(refused.code).toBe(0);
    expect(refused.value).toMatchObject({
      status: 'rejected',
      reason: { code: 'denied', detail: 'approval-refused' },
    });
    expect(refused.value.reason?.message).toContain('still in use');
  });

  test('an undo is not approved by who asked for it', async () => {
    const committed = await interlockJson(
      Proposed,
      on('tx', 'propose', planFile('narrow-ci-deploy')),
    );
    const undo = await interlockJson(
      TransactionSummary,
      on('tx', 'undo', committed.value.transaction.id),
    );

    const own = await interlock(on(...APPROVE, undo.value.id, '--yes', '--json'));

    expect(undo.value.status).toBe('awaiting-approval');
    expect([own.code, errorOf(own).code]).toEqual([7, 'self-approval']);
    expect(errorOf(own).hint).toContain('another operator');
  });
});
