import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditPorts, AuditStep } from '../../agents/iam-auditor/audit/ports.ts';
import { problemResponse } from '../../api/problem.ts';
import { ATTEMPTS_MAX } from '../../api/transport.ts';
import { DeniedError, IdempotencyError, TransientError } from '../../core/errors.ts';
import { type AuditWorld, openAuditWorld, PLANS, STEPS } from './support/audit-world.ts';
import { goWrong } from './support/faults.ts';

/** Runs of one task, by the machine's Retry. */
const RUNS_MAX = 4;

let opened: AuditWorld;
beforeEach(() => {
  opened = openAuditWorld();
});
afterEach(async () => {
  opened.releaseRunner();
  await opened.settled();
  opened.close();
});

const stepNamed = (name: string): AuditStep => {
  const step = STEPS[name];
  if (step === undefined) throw new Error(`no step ${name}`);
  return step;
};

/** Apply, whose progress is lost so often; it is run again. */
function losingProgress(times: number) {
  let left = times;
  const losing = (ports: AuditPorts): AuditPorts => ({
    ...ports,
    documents: {
      ...ports.documents,
      async save(auditId, name, document) {
        if (name === 'progress' && left > 0) {
          left -= 1;
          throw new TransientError('audits-unreachable', 'no answer');
        }
        return ports.documents.save(auditId, name, document);
      },
    },
  });
  return {
    ...STEPS,
    Apply: ((ports, state) => stepNamed('Apply')(losing(ports), state)) as AuditStep,
  };
}

const purposes = async () => (await opened.transactions()).map(({ plan }) => plan.purpose).sort();
const statuses = async () => (await opened.transactions()).map(({ status }) => status);
const isProposal = (request: Request) =>
  request.method === 'POST' && !request.url.includes('dryRun');

describe('an audit killed between a proposal and its note of it', () => {
  test.each([1, 2, 3])(
    '%s times finds again what runs, and proposes nothing twice',
    async (times) => {
      opened.holdRunner();
      opened.onPosition = async (state) => {
        if (state === 'Wait') opened.releaseRunner();
      };

      const { ending, auditId, thrown } = await opened.audit('apply', losingProgress(times));

      expect(ending).toBe('Done');
      expect(thrown).toEqual(Array(times).fill('TransientError audits-unreachable'));
      expect(new Set(await purposes()).size).toBe(PLANS);
      expect(await statuses()).toEqual(Array(PLANS).fill('committed'));
      expect(opened.progress(auditId).ended).toHaveLength(PLANS);
    },
  );

  test('finds again what has committed in between, and does not propose it again', async () => {
    const { ending, auditId } = await opened.audit('apply', losingProgress(1));

    expect(ending).toBe('Done');
    expect(await statuses()).toEqual(Array(PLANS).fill('committed'));
    expect(opened.progress(auditId).ended.map(({ status }) => status)).toEqual(
      Array(PLANS).fill('committed'),
    );
  });

  test('finds again what was unwound in between, and ends rolled back', async () => {
    const { hooks, clock } = opened.world;
    hooks.onCall = async (request, { isEffect }, call) => {
      const isHit = isEffect && request.operation === 'iam:DetachRolePolicy';
      return isHit ? goWrong({ kind: 'refused' }, clock, call) : call();
    };

    const { ending, auditId } = await opened.audit('apply', losingProgress(1));

    expect(ending).toBe('RolledBack');
    expect(
      opened
        .progress(auditId)
        .ended.map(({ status }) => status)
        .sort(),
    ).toEqual(['committed', 'committed', 'committed', 'compensated']);
    expect(new Set(await purposes()).size).toBe((await purposes()).length);
  });

  test('for good waits in Rollback for what it had noted, and proposes no more', async () => {
    opened.holdRunner();
    opened.onPosition = async (state) => {
      if (state === 'WaitForRollback') opened.releaseRunner();
    };
    let proposals = 0;
    // Its memory ends with the third.
    const dying: AuditStep = (ports, state) =>
      stepNamed('Apply')(
        {
          ...ports,
          api: {
            ...ports.api,
            async propose(plan, key) {
              proposals += 1;
              if (proposals === 3) throw new Error('Runtime.ExitError');
              return ports.api.propose(plan, key);
            },
          },
        },
        state,
      );

    const { ending, visited } = await opened.audit('apply', { ...STEPS, Apply: dying });

    expect(ending).toBe('RolledBack');
    expect(visited).toContain('WaitForRollback');
    expect(await statuses()).toEqual(['committed', 'committed']);
  });
});

describe('an audit to which the API does not answer', () => {
  const unreachable = (wanted: (request: Request) => boolean, times = Number.POSITIVE_INFINITY) => {
    let left = times;
    opened.onRequest = async (request, answer) => {
      if (!wanted(request) || left === 0) return answer();
      left -= 1;
      throw new Error('ECONNREFUSED');
    };
  };

  test('for a while applies everything later', async () => {
    unreachable(isProposal, ATTEMPTS_MAX + 1);

    const { ending, thrown } = await opened.audit('apply');

    expect({ ending, thrown }).toEqual({
      ending: 'Done',
      thrown: ['TransientError endpoint-unreachable'],
    });
    expect(await statuses()).toEqual(Array(PLANS).fill('committed'));
  });

  test('for good fails before any plan was started', async () => {
    unreachable(() => true);

    const { ending, thrown } = await opened.audit('apply');

    expect(ending).toBe('Failed');
    expect(thrown).toEqual(Array(RUNS_MAX).fill('TransientError endpoint-unreachable'));
    expect(await opened.transactions()).toEqual([]);
  });

  test('for good after plans were started ends unfinished; they go on by themselves', async () => {
    opened.onPosition = async (state) => {
      if (state === 'Wait') unreachable(() => true);
    };

    const { ending, visited } = await opened.audit('apply');

    expect(ending).toBe('Unfinished');
    expect(visited.filter((one) => one === 'Apply')).toHaveLength(1 + RUNS_MAX);
    expect(visited.filter((one) => one === 'Rollback')).toHaveLength(RUNS_MAX);
    expect(await statuses()).toEqual(Array(PLANS - 1).fill('committed'));
  });
});

describe('a plan that the control plane does not accept', () => {
  const refuse = (error: Error, wanted: (request: Request) => boolean) => {
    opened.onRequest = async (request, answer) => {
      if (!wanted(request) || !(await request.clone().text()).includes('role ci-deploy'))
        return answer();
      return problemResponse(error);
    };
  };
  const REFUSALS = [
    [403, new DeniedError('no-permit', 'no policy permits it')],
    [422, new IdempotencyError('key-reused', 'another plan has this key')],
  ] as const;

  test.each(REFUSALS)('with %s is noted as refused, and the others run', async (_, error) => {
    refuse(error, isProposal);

    const { ending, auditId } = await opened.audit('apply');

    expect(ending).toBe('Done');
    expect(opened.progress(auditId).refused).toEqual([
      expect.objectContaining({ code: error.code }),
    ]);
    expect(await statuses()).toEqual(Array(PLANS - 1).fill('committed'));
  });

  test.each(REFUSALS)('with %s at its dry run is not proposed at all', async (_, error) => {
    refuse(error, (request) => request.url.includes('dryRun'));

    const { ending, auditId } = await opened.audit('apply');

    expect(ending).toBe('Done');
    expect(opened.progress(auditId)).toMatchObject({ refused: [], next: PLANS - 1 });
    expect(JSON.stringify(opened.documents.get(`${auditId}/dry-runs-0`))).toContain(error.code);
    expect(await statuses()).toEqual(Array(PLANS - 1).fill('committed'));
  });

  test('since the account has changed ends rejected, and the others run', async () => {
    opened.onPosition = async (state) => {
      if (state !== 'Apply') return;
      opened.onPosition = async () => undefined;
      await opened.world.outside({
        operation: 'iam:DetachRolePolicy',
        input: {
          RoleName: 'ci-deploy',
          PolicyArn: 'arn:aws:iam::123456789012:policy/acme-ci-deploy',
        },
      });
    };

    const { ending } = await opened.audit('apply');

    expect(ending).toBe('Done');
    expect((await statuses()).sort()).toEqual([...Array(PLANS - 1).fill('committed'), 'rejected']);
  });
});
