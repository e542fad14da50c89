import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditJson } from '../../cli/audit/audit-json.ts';
import { rehearse } from '../../cli/audit/rehearse.ts';
import { samplePlan } from '../../cli/demo/demo.ts';
import { ACME, accountsAtHand, readAccount } from './support/accounts.ts';
import { interlock, scratchFolder } from './support/run-program.ts';

const folder = scratchFolder();
const data = folder.inside('data');
afterAll(() => folder.remove());

describe.each(accountsAtHand())('audit --report of %s', (file) => {
  let ran: Awaited<ReturnType<typeof interlock>>;
  let audit: AuditJson;
  beforeAll(async () => {
    ran = await interlock('audit', '--account', file, '--report', '--json', '--data', data);
    audit = AuditJson.parse(JSON.parse(ran.stdout));
  });

  it('takes less than 5 s, writes nothing, and has JSON alone on stdout', () => {
    console.info(`${file}: ${Math.round(ran.elapsedMs)} ms, ${audit.findings.length} findings`);

    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.elapsedMs).toBeLessThan(5000);
    expect(existsSync(data)).toBe(false);
  });

  it('covers every user and role', () => {
    const { UserDetailList, RoleDetailList } = readAccount(file);
    const { principals, excluded, foreign } = audit.account;
    const foreignPrincipals = foreign.filter((each) => /:(user|role)\//.test(each));

    expect(principals + excluded.length + foreignPrincipals.length).toBe(
      UserDetailList.length + RoleDetailList.length,
    );
  });

  it('acts on no entity of another account', () => {
    const foreign = new Set(audit.account.foreign);

    expect(audit.findings.filter((each) => foreign.has(each.principal.arn))).toEqual([]);
    expect(audit.plans.filter((each) => foreign.has(each.principalArn))).toEqual([]);
  });

  it('gives every finding a plan or a reason', () => {
    const plans = new Map(audit.plans.map((each) => [each.id, each.findingIds]));

    for (const { id, remediation } of audit.findings) {
      if (remediation?.kind === 'plan') expect(plans.get(remediation.proposalId)).toContain(id);
      else expect(remediation).toMatchObject({ kind: 'none' });
    }
  });
});

describe('audit', () => {
  it('--fail-on critical exits 0 where only lesser ones are left', async () => {
    const file = folder.inside('mild.json');
    const document = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'logs:GetLogEvents', Resource: '*' }],
    };
    const user = { UserName: 'mild', UserId: 'AIDAMILD', Path: '/' };
    const Arn = 'arn:aws:iam::111122223333:user/mild';
    const UserPolicyList = [{ PolicyName: 'one', PolicyDocument: document }];
    const others = { GroupDetailList: [], RoleDetailList: [], Policies: [] };
    const users = [{ ...user, Arn, UserPolicyList }];
    writeFileSync(file, JSON.stringify({ UserDetailList: users, ...others }));

    const ran = await Promise.all(
      ['critical', 'low'].map((each) => interlock('audit', '--account', file, '--fail-on', each)),
    );

    expect(ran.map((each) => each.code)).toEqual([0, 4]);
  });

  it('prints text without colour when piped, and shows plans', async () => {
    const ran = await interlock('audit', '--account', ACME);

    expect(ran.code).toBe(0);
    expect(ran.stdout).not.toContain('\u001b');
    expect(ran.stdout).toContain('privilege-escalation');
    expect(ran.stdout).toContain('role/ci-deploy');
  });

  it('--propose shows what policy says to each step, and changes nothing', async () => {
    const ran = await interlock('audit', '--account', ACME, '--propose', '--json', '--data', data);
    const { plans, transactions } = AuditJson.parse(JSON.parse(ran.stdout));

    expect(ran.code).toBe(0);
    expect(transactions).toEqual([]);
    for (const { plan, rehearsal } of plans) {
      expect(rehearsal?.outcome).toBe('would-run');
      expect(rehearsal?.steps.map((each) => each.action)).toEqual(
        plan.steps.map((each) => each.action),
      );
      for (const step of rehearsal?.steps ?? [])
        expect(step).toMatchObject({ answer: 'allow', changes: true, facts: { widens: false } });
    }
    expect(existsSync(data)).toBe(false);
  });
});

describe('a rehearsal', () => {
  it.each([
    ['refused-by-policy', 'no-step-may-widen'],
    ['refused-protected', 'protected-principals'],
  ])('of %s says which policy refuses', async (name, policy) => {
    const plan = samplePlan(name);
    const rest = { principalArn: '', findingIds: [], proof: [], diff: [] };

    const rehearsals = await rehearse(readAccount(ACME), [{ id: name, plan, ...rest }]);

    const rehearsal = rehearsals.get(name);
    expect(rehearsal).toMatchObject({ outcome: 'would-be-rejected', reason: { stepIndex: 0 } });
    expect(rehearsal?.steps[0]?.policies.map((each) => each.id)).toContain(policy);
  });
});
