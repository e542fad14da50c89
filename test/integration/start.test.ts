import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditAccount } from '../../agents/iam-auditor/report.ts';
import { ACME, readAccount } from './support/accounts.ts';
import { type FolderTruth, truthOf } from './support/data-folder-truth.ts';
import { interlock, type Ran, scratchFolder, startProgram } from './support/run-program.ts';

const folder = scratchFolder();
afterAll(() => folder.remove());

const data = folder.inside('data');
const demonstrate = (where: string, ...more: readonly string[]): Promise<Ran> =>
  startProgram('cli/start.ts', ['--data', where, ...more]).ended;
const plans = auditAccount(readAccount(ACME)).plans;

describe('npm start', () => {
  let ran: Ran;
  let truth: FolderTruth;
  beforeAll(async () => {
    ran = await demonstrate(data, '--exit');
    truth = await truthOf(data);
    console.info(`the demonstration took ${Math.round(ran.elapsedMs)} ms`);
  });
  const called = (purpose: RegExp) =>
    truth.transactions.filter((each) => purpose.test(each.plan.purpose));

  it('ends well in less than 20 s, in plain text off a terminal', () => {
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.elapsedMs).toBeLessThan(20_000);
    expect(ran.stdout).not.toContain('\u001b');
    expect(ran.stdout).not.toContain('✗');
  });

  it('has committed every plan of the auditor', () => {
    const own = called(/^close \d+ findings? of /);

    expect(own).toHaveLength(plans.length);
    expect(own.filter((each) => each.status !== 'committed')).toEqual([]);
    const closed = new Set(plans.flatMap((each) => each.findingIds));
    const left = auditAccount(truth.gaad).findings;
    expect(left.filter((each) => closed.has(each.id))).toEqual([]);
  });

  it('has two plans that policy rejected, named on the screen, without an effect', async () => {
    const rejected = truth.transactions.filter((each) => each.status === 'rejected');

    expect(rejected.map((each) => each.reason?.code)).toEqual(['denied', 'denied']);
    expect(ran.stdout).toContain('policy no-step-may-widen');
    expect(ran.stdout).toContain('policy protected-principals');
    expect(truth.calls.filter((each) => each.input['RoleName'] === 'break-glass-admin')).toEqual(
      [],
    );
  });

  it('has one that the account refused at step 3 and that was undone', () => {
    const [undone, ...others] = called(/^give the partner portal one policy/);
    const answers = truth.calls.map((each) => JSON.stringify(each.answer));

    expect(others).toEqual([]);
    expect(undone).toMatchObject({
      status: 'compensated',
      reason: { detail: 'LimitExceeded', stepIndex: 2 },
    });
    expect(answers.filter((each) => each.includes('LimitExceeded'))).toHaveLength(1);
    // The inline policy that step 1 deleted is there again.
    expect(roleOf(truth, 'partner-portal')).toContain('acme-portal-uploads');
    expect(roleOf(truth, 'portal-preview')).toContain('acme-portal-surveys');
  });

  it('has one that was frozen between steps 2 and 3 and then went on', () => {
    const [frozen] = called(/^take four policies off/);

    expect(frozen?.status).toBe('committed');
    // One execution that parked, one in vain, one that ended it.
    expect(frozen?.epoch).toBe(3);
    expect(truth.killMode).toBe('running');
    expect(roleOf(truth, 'partner-portal')).not.toContain('acme-portal-tickets');
  });

  it('leaves evidence that verifies, also for the command that it names', async () => {
    const verified = await interlock('evidence', 'verify', '--all', '--json', '--data', data);

    expect(truth.unverified).toEqual([]);
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true });
    expect(ran.stdout).toContain(`npx interlock evidence verify --all --data ${data}`);
  });
});

describe('npm start again', () => {
  it('works in the same folder, without --exit too where nobody could press Enter', async () => {
    const before = await truthOf(data);

    const ran = await demonstrate(data);

    const truth = await truthOf(data);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(truth.digest).toBe(before.digest);
    expect(truth.transactions).toHaveLength(2 * before.transactions.length);
  });

  it('leaves a folder alone that is stopped, and takes one inside it', async () => {
    const stop = ['kill', 'engage', '--mode', 'halt', '--scope', 'all', '--reason', 'mine'];
    await interlock(...stop, '--yes', '--data', data);
    const before = await truthOf(data);

    const ran = await demonstrate(data, '--exit');

    const truth = await truthOf(data);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(`the kill switch of ${data} is at halt: it is left alone`);
    expect(truth.digest).toBe(before.digest);
    expect(truth.transactions).toHaveLength(before.transactions.length);
    expect((await truthOf(`${data}/demo-1`)).transactions.length).toBeGreaterThan(20);
  });
});

describe('npm start with a wrong option', () => {
  it('exits 2 and names it', async () => {
    const ran = await startProgram('cli/start.ts', ['--quick']).ended;

    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('--quick');
  });
});

function roleOf({ gaad }: FolderTruth, name: string): string {
  const roles = gaad['RoleDetailList'] as readonly { readonly RoleName: string }[];
  return JSON.stringify(roles.find((each) => each.RoleName === name));
}
