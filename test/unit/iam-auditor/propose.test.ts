import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  enumerateAccount,
  grantsOfSubject,
  type Subject,
} from '../../../agents/iam-auditor/enumerate.ts';
import { foldStep, type StepInput } from '../../../agents/iam-auditor/fold.ts';
import { powerOf } from '../../../agents/iam-auditor/power.ts';
import { type AuditReport, auditAccount } from '../../../agents/iam-auditor/report.ts';
import { detect } from '../../../agents/iam-auditor/validate.ts';
import { parsePlan } from '../../../core/plan.ts';
import { type Containment, grantsNothingNew } from '../../../iam/contain.ts';
import { accountOf, allow, deny, documentOf, type Given } from './account-of.ts';

const SANDBOX = '../shared/data/iam/account-sandbox.json';
const ACME = 'examples/acme-account.json';
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const accounts = [ACME, SANDBOX].filter((file) => existsSync(file));
console.info(
  `audits ${accounts.length} of 2 accounts${accounts.length < 2 ? ': SANDBOX IS ABSENT' : ''}`,
);

const compare = (before: Subject, after: Subject): Containment =>
  grantsNothingNew(grantsOfSubject(before), grantsOfSubject(after));

/** Every principal with a plan, before and after all of its steps. */
function foldAll(value: unknown, report: AuditReport): readonly (readonly [Subject, Subject])[] {
  const subjects = enumerateAccount(value).subjects;
  return report.plans.map(({ plan, principalArn }) => {
    const before = subjects.find((each) => each.principal.arn === principalArn);
    if (before === undefined) throw new Error(`no ${principalArn}`);
    return [before, (plan.steps as readonly StepInput[]).reduce(foldStep, before)] as const;
  });
}

describe.each(accounts)('all plans for %s', (file) => {
  const value = read(file);
  const startedAt = process.cpuUsage();
  const report = auditAccount(value);
  const used = process.cpuUsage(startedAt);
  const folded = foldAll(value, report);

  // Processor time: it does not hang on what else the machine is doing.
  it('take less than 3 s', () => {
    expect((used.user + used.system) / 1_000).toBeLessThan(3_000);
  });

  it('close their findings and open no other', () => {
    for (const [before, after] of folded) {
      const plan = report.plans.find((each) => each.principalArn === before.principal.arn);
      const old = detect(before).map((each) => each.finding.id);
      const left = detect(after).map((each) => each.finding.id);

      expect(left.filter((id) => plan?.findingIds.includes(id))).toEqual([]);
      expect(left.filter((id) => !old.includes(id))).toEqual([]);
    }
  });

  it('grant nothing new, by proof and by asking every action that any policy names', () => {
    const actions = new Set(JSON.stringify(value).match(/[a-z0-9-]+:[A-Z][A-Za-z]+/g));
    const resources = ['*', 'arn:aws:s3:::one/key', 'arn:aws:iam::123456789012:user/someone'];
    let asked = 0;
    for (const [before, after] of folded) {
      expect(compare(before, after)).toMatchObject({ proved: true });
      for (const action of [...actions, 'no-service:Anything'])
        for (const resource of resources) {
          asked += 1;
          if (
            powerOf(before, action, resource) === 'no' &&
            powerOf(after, action, resource) !== 'no'
          )
            throw new Error(`${after.principal.arn} gains ${action} on ${resource}`);
        }
    }

    console.info(`${file}: asked ${asked} times`);
  });

  it('parse, have a diff and a proof a step, and touch nobody who is protected', () => {
    for (const { plan, diff, proof } of report.plans) {
      expect(parsePlan(plan)).toEqual(plan);
      expect(diff.length).toBeGreaterThan(0);
      expect(proof).toHaveLength(plan.steps.length);
    }
    expect(folded.filter(([before]) => before.isProtected)).toEqual([]);
  });

  it('are at least 20, of at least 5 actions; each finding has a plan or a reason', () => {
    const actions = new Set(
      report.plans.flatMap((each) => each.plan.steps).map((each) => each.action),
    );

    expect(report.plans.length).toBeGreaterThanOrEqual(20);
    expect(actions.size).toBeGreaterThanOrEqual(5);
    expect(report.findings.filter((each) => each.remediation === undefined)).toEqual([]);
  });
});

describe('the sandbox', () => {
  const covered = existsSync(SANDBOX) ? it : it.skip;

  covered('is covered whole: 41 users and 75 roles', () => {
    const { account } = auditAccount(read(SANDBOX));

    expect(account.principals + account.excluded.length).toBe(41 + 75);
    expect(account.foreign.filter((each) => /:(user|role)\//.test(each))).toHaveLength(6);
  });
});

describe('the proof', () => {
  const subjectOf = (...statements: readonly unknown[]): Subject => {
    const { subjects } = enumerateAccount(
      accountOf({ inline: { one: documentOf(...statements) } }),
    );
    const subject = subjects.find((each) => each.principal.name === 'subject');
    if (subject === undefined) throw new Error('no subject');
    return subject;
  };
  const MFA = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };

  it.each([
    ['fewer actions', [allow('s3:*')], [allow(['s3:Get*', 'S3:List?ucket'])], true],
    ['a new condition', [allow('s3:*')], [allow('s3:*', '*', MFA)], true],
    ['a new Deny', [allow('s3:*')], [allow('s3:*'), deny('s3:Put*')], true],
    ['another action', [allow('s3:Get*')], [allow('s3:*')], false],
    [
      'another resource',
      [allow('s3:*', 'arn:aws:s3:::a/*')],
      [allow('s3:*', 'arn:aws:s3:::b/*')],
      false,
    ],
    ['a lost condition', [allow('s3:*', '*', MFA)], [allow('s3:*')], false],
    ['a lost Deny', [allow('s3:*'), deny('s3:Put*')], [allow('s3:*')], false],
  ])('%s', (_, before, after, proved) => {
    expect(compare(subjectOf(...before), subjectOf(...after)).proved).toBe(proved);
  });

  it('refuses a boundary that goes', () => {
    const given: Given = { inline: { one: documentOf(allow('*')) } };
    const [bounded] = enumerateAccount(
      accountOf({ ...given, boundary: documentOf(allow('s3:*')) }),
    ).subjects.filter((each) => each.principal.name === 'subject');

    expect(bounded && compare(bounded, subjectOf(allow('*'))).proved).toBe(false);
  });
});

describe('protected principals', () => {
  it.each<[string, Given]>([
    ['path', { path: '/break-glass/' }],
    ['tag', { tags: [{ Key: 'interlock:protected', Value: 'true' }] }],
  ])('by %s are reported and left alone', (_, given) => {
    const report = auditAccount(accountOf({ ...given, inline: { one: documentOf(allow('*')) } }));

    expect(report.plans).toEqual([]);
    expect(report.findings[0]?.remediation).toMatchObject({ kind: 'none' });
  });
});
