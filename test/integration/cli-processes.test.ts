import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Resumed, TransactionSummary } from '../../cli/json-shapes.ts';
import type { LocalOptions } from '../../cli/open.ts';
import { inFolder, planOf, proposeIn, scratchFolder } from './cli-folder.ts';
import { interlock, interlockJson } from './cli-process.ts';

/** The steps of a plan that takes long enough to be interrupted. */
const LONG_STEPS = 24;
const ATTEMPTS_MAX = 5;
const POLL_MS = 20;

describe('several processes on the command line', () => {
  const scratch = scratchFolder();
  const folder = (name: string) => join(scratch, name);
  afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

  test('what another process runs is followed, and cancelled from outside', async () => {
    const data = folder('live');
    const seen = gate();
    const asked = gate();

    const watched = await heldRun(data, 'close-temporary-access', seen.opened, (_, id) =>
      interlock(['tx', 'watch', id, '--data', data], {
        onStderr: (text) => text.includes('decided on predictions') && seen.open(),
      }),
    );
    const cancelled = await heldRun(data, 'detach-legacy', asked.opened, async (plane, id) => {
      const ended = interlockJson(TransactionSummary, [
        'tx',
        'cancel',
        id,
        '--yes',
        '--data',
        data,
      ]);
      while ((await plane.ports.store.load(id))?.cancelled === undefined) await sleep(POLL_MS);
      asked.open();
      return ended;
    });

    expect(watched.code).toBe(0);
    expect(watched.stdout).toMatch(/^tx-[0-9a-f]+ {2}committed\n$/);
    expect(watched.stderr).toContain('step 3: verified');
    expect(cancelled.code).toBe(0);
    expect(cancelled.value.reason).toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('operator:'),
    });
  });

  test('Ctrl-C stops between two tasks, and resume ends right', async () => {
    const plan = join(scratch, 'long.json');
    fs.writeFileSync(plan, JSON.stringify(longPlan()));
    const { data, ended } = await interruptedRun(folder('interrupted'), plan);

    const resumed = await interlockJson(Resumed, ['resume', '--data', data]);
    const calls = await inFolder({ data }, async ({ account }) => account.mutations().length);

    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain('`interlock resume` goes on');
    expect([resumed.code, resumed.value.transactions[0]?.status]).toEqual([0, 'committed']);
    expect(calls).toBe(LONG_STEPS);
  });
});

type Plane = Parameters<Parameters<typeof inFolder>[1]>[0];

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Runs a plan that is held after preflight until the gate opens; `act` looks at it meanwhile. */
async function heldRun<Result>(
  data: string,
  name: string,
  opened: Promise<void>,
  act: (plane: Plane, id: string) => Promise<Result>,
): Promise<Result> {
  const held: NonNullable<LocalOptions['wrap']> = (ports) => ({
    ...ports,
    store: {
      ...ports.store,
      async change(change) {
        if (change.records.some(({ kind }) => kind === 'decided')) await opened;
        return ports.store.change(change);
      },
    },
  });
  return inFolder({ data, wrap: held }, async (plane) => {
    const transaction = await proposeIn(plane, name);
    const [, result] = await Promise.all([plane.run(transaction), act(plane, transaction.id)]);
    return result;
  });
}

/** Proposes the plan and interrupts the run; on a busy machine the signal may come too late, then
 * once more in a new folder. */
async function interruptedRun(folder: string, plan: string) {
  for (let attempt = 1; ; attempt += 1) {
    const data = `${folder}-${attempt}`;
    await inFolder({ data }, async () => undefined);
    let isSent = false;
    const ended = await interlock(['tx', 'propose', plan, '--data', data], {
      onStderr(text, kill) {
        if (isSent || !text.includes('(proposed')) return;
        isSent = true;
        kill('SIGINT');
      },
    });
    if (ended.code !== 0 || attempt === ATTEMPTS_MAX) return { data, ended };
  }
}

/** Many steps that each write the same narrow document under a name of its own. */
function longPlan(): unknown {
  const plan = planOf('narrow-ci-deploy') as { steps: { input: Record<string, unknown> }[] };
  const [first] = plan.steps;
  const steps = Array.from({ length: LONG_STEPS }, (_, index) => ({
    ...first,
    id: `step-${index + 1}`,
    input: {
      ...first?.input,
      PolicyName: `narrow-${index + 1}`,
      PolicyDocument:
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-artifacts/*"}]}',
    },
  }));
  return { ...plan, steps };
}
