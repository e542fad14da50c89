import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditJson } from '../../cli/audit/audit-json.ts';
import { gains } from '../brute-force/gains.ts';
import { accountsAtHand, readAccount } from './support/accounts.ts';
import { type FolderTruth, truthOf } from './support/data-folder-truth.ts';
import { interlock, scratchFolder } from './support/run-program.ts';

const folder = scratchFolder();
afterAll(() => folder.remove());

describe.each(accountsAtHand())('audit --apply of %s', (file) => {
  const data = folder.inside(`data-${file.length}`);
  const written = folder.inside(`after-${file.length}.json`);
  let audit: AuditJson;
  let again: AuditJson;
  let truth: FolderTruth;
  beforeAll(async () => {
    const options = ['--apply', '--yes', '--write-account', written, '--data', data, '--json'];
    const ran = await interlock('audit', '--account', file, ...options);
    if (ran.code !== 0) throw new Error(ran.stderr);
    audit = AuditJson.parse(JSON.parse(ran.stdout));
    const report = await interlock('audit', '--account', written, '--json');
    again = AuditJson.parse(JSON.parse(report.stdout));
    truth = await truthOf(data);
  });

  it('commits at least 20 transactions of at least 4 action ids; none is stuck', () => {
    const committed = truth.transactions.filter((each) => each.status === 'committed');
    const steps = committed.flatMap((each) => each.plan.steps);
    const actions = new Set(steps.map((each) => each.action));
    console.info(`${file}: ${committed.length} committed, ${[...actions].sort().join(' ')}`);

    expect(committed.length).toBeGreaterThanOrEqual(20);
    expect(actions.size).toBeGreaterThanOrEqual(4);
    expect(truth.transactions).toHaveLength(committed.length);
    expect(audit.transactions.map((each) => each.status)).toEqual(committed.map(() => 'committed'));
  });

  it('has as many effects as steps, each of them answered', () => {
    const steps = truth.transactions.flatMap((each) => each.plan.steps);
    const refused = truth.calls.filter((each) => JSON.stringify(each.answer).includes('"error"'));

    expect(truth.calls.map((each) => each.operation).sort()).toEqual(
      steps.map((each) => each.action).sort(),
    );
    expect(refused).toEqual([]);
  });

  it('leaves evidence that verifies for every transaction', () => {
    expect(truth.unverified).toEqual([]);
  });

  it('closes what its plans were for, and opens nothing', () => {
    const left = again.findings.map((each) => each.id);
    const old = new Set(audit.findings.map((each) => each.id));
    const closed = audit.plans.flatMap((each) => each.findingIds);

    expect(closed.length).toBeGreaterThan(0);
    expect(left.filter((id) => closed.includes(id) || !old.has(id))).toEqual([]);
    expect(audit.account.remainingFindingIds).toEqual(left);
    expect(again.plans).toEqual([]);
  });

  it('writes back the account that the data folder holds', () => {
    expect(readAccount(written)).toEqual(truth.gaad);
    expect(statSync(written).mode & 0o777).toBe(0o600);
  });

  it('gives no principal any permission, by brute force over every action', () => {
    expect(gains(readAccount(file), readAccount(written))).toEqual([]);
  });
});
