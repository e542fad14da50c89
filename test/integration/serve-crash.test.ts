import fs from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Proposed, type TransactionSummary } from '../../api/shapes.ts';
import { inFolder, planOf, scratchFolder } from './cli-folder.ts';
import { interlock } from './cli-process.ts';
import { newToken, type Served, startServe } from './serve-process.ts';

const PATH = '/v1/transactions';
const DONE_MS_MAX = 15_000;

let data: string;
let agent: string;
let served: Served | undefined;

beforeEach(async () => {
  data = scratchFolder();
  await inFolder({ data }, async () => undefined);
  agent = await newToken(data, '--agent', 'iam-auditor');
});

afterEach(async () => {
  await served?.end('SIGKILL');
  fs.rmSync(data, { recursive: true, force: true });
});

/** Five steps on five things that the example account holds. */
const fiveSteps = (): unknown => {
  const plan = planOf('close-temporary-access') as { steps: object[] };
  const more = planOf('detach-legacy') as { steps: object[] };
  const steps = [...plan.steps, ...more.steps].map((step, index) => ({
    ...step,
    id: `step-${index + 1}`,
  }));
  return { ...plan, steps };
};

const propose = async (key: string, plan: unknown): Promise<TransactionSummary> => {
  const response = await (served as Served).send(PATH, agent, {
    method: 'POST',
    body: JSON.stringify(plan),
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
  });
  return Proposed.parse(await response.json()).transaction;
};

/** What the store says in the end, read by this process. */
const statusesOf = (ids: readonly string[]) =>
  inFolder({ data }, async ({ ports }) => {
    const rows = await Promise.all(ids.map((id) => ports.store.load(id)));
    return rows.map((row) => ({ status: row?.status, sealed: row?.sealed, epoch: row?.epoch }));
  });

const untilAll = async (ids: readonly string[]): Promise<void> => {
  const giveUpAt = Date.now() + DONE_MS_MAX;
  while ((await statusesOf(ids)).some(({ sealed }) => sealed !== true)) {
    if (Date.now() > giveUpAt) throw new Error(JSON.stringify(await statusesOf(ids)));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

describe('a server that dies', () => {
  test('goes on where it was killed, after a claim: five steps commit', async () => {
    served = await startServe(data);
    const claims = new DatabaseSync(join(data, 'interlock.db'), { readOnly: true });
    const count = claims.prepare('SELECT count(*) AS claims FROM claims');
    const answer = propose('one', fiveSteps());
    while (count.get()?.['claims'] === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const killed = served.end('SIGKILL');
    const { id } = await answer;
    await killed;
    claims.close();

    served = await startServe(data);

    await untilAll([id]);
    const [after] = await statusesOf([id]);
    expect(after).toMatchObject({ status: 'committed', sealed: true });
    expect((await interlock(['evidence', 'verify', '--all', '--data', data])).code).toBe(0);
  });

  test('after what it acknowledged has lost nothing of it', async () => {
    served = await startServe(data);
    const plan = planOf('detach-legacy');
    const proposed = await Promise.all(
      Array.from({ length: 12 }, (_, index) => propose(`key-${index}`, plan)),
    );
    await served.end('SIGKILL');
    const ids = proposed.map(({ id }) => id);
    expect((await statusesOf(ids)).every(({ status }) => status !== undefined)).toBe(true);

    served = await startServe(data);

    await untilAll(ids);
    const statuses = (await statusesOf(ids)).map(({ status }) => status);
    // One of them did it; the others met its lock, or found nothing to detach any more.
    expect(statuses.filter((status) => status === 'committed').length).toBeGreaterThan(0);
    expect(statuses.every((one) => one === 'committed' || one === 'rejected')).toBe(true);
    expect((await interlock(['evidence', 'verify', '--all', '--data', data])).code).toBe(0);
  });

  test('or is told to end by SIGTERM goes on next time', async () => {
    served = await startServe(data);
    const { id } = await propose('one', fiveSteps());

    const code = await served.end('SIGTERM');

    expect(code).toBe(0);
    expect(served.stderr()).toContain('nothing is lost');
    served = await startServe(data);
    await untilAll([id]);
    expect(await statusesOf([id])).toMatchObject([{ status: 'committed' }]);
  });

  test('warns of an address that others may reach', async () => {
    served = await startServe(data, ['--host', '0.0.0.0']);

    expect(served.stderr()).toContain('warning');
  });
});
