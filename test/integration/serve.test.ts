import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Problem, Proposed, TransactionDetail, TransactionSummary } from '../../api/shapes.ts';
import { TokenList } from '../../cli/json-shapes.ts';
import { inFolder, planOf, scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';
import { newToken, type Served, startServe } from './serve-process.ts';

const PATH = '/v1/transactions';
const DONE_MS_MAX = 10_000;

let data: string;
let served: Served;
let agent: string;
let operator: string;

beforeAll(async () => {
  data = scratchFolder();
  await inFolder({ data }, async () => undefined);
  [agent, operator] = await Promise.all([
    newToken(data, '--agent', 'iam-auditor'),
    newToken(data, '--operator', 'alice', '--expires', '1h'),
  ]);
  served = await startServe(data);
});

afterAll(async () => {
  await served.end('SIGKILL');
  fs.rmSync(data, { recursive: true, force: true });
});

const propose = (key: string, token = agent, plan: unknown = planOf('detach-legacy')) =>
  served.send(PATH, token, {
    method: 'POST',
    body: JSON.stringify(plan),
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
  });

/** The detail of a transaction once it is final and sealed. */
const done = async (id: string): Promise<TransactionDetail> => {
  const giveUpAt = Date.now() + DONE_MS_MAX;
  for (;;) {
    const response = await served.send(`${PATH}/${id}`, agent);
    const detail = TransactionDetail.parse(await response.json());
    if (detail.transaction.sealed) return detail;
    if (Date.now() > giveUpAt) throw new Error(`${id} is ${detail.transaction.status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

describe('tokens', () => {
  test('an agent that is not in agents.json gets none', async () => {
    const ended = await interlock([
      'token',
      'create',
      '--data',
      data,
      '--agent',
      'nobody',
      '--json',
    ]);

    expect(errorOf(ended)).toMatchObject({ code: 'unknown-agent' });
    expect(ended.code).toBe(2);
  });

  test.each([[[]], [['--agent', 'iam-auditor', '--operator', 'alice']]])(
    'are for one principal: %j',
    async (args) => {
      const ended = await interlock(['token', 'create', '--data', data, ...args, '--json']);

      expect(errorOf(ended)).toMatchObject({ code: 'usage' });
    },
  );

  test('are listed without their secret, which is nowhere in the data folder', async () => {
    const { value } = await interlockJson(TokenList, ['token', 'list', '--data', data]);

    const secret = agent.split('.').at(-1) as string;
    expect(value.tokens.map(({ principal }) => principal).sort()).toEqual([
      'agent:iam-auditor',
      'operator:alice',
    ]);
    expect(JSON.stringify(value)).not.toContain(secret);
    const files = fs.readdirSync(data, { recursive: true, withFileTypes: true });
    for (const { parentPath, name } of files.filter((file) => file.isFile()))
      expect(fs.readFileSync(join(parentPath, name)).includes(secret)).toBe(false);
  });

  test.each([
    ['none', undefined],
    ['one of another shape', 'canary'],
    ['an unknown one', `interlock.token-1.${'A'.repeat(43)}`],
  ])('%s is refused', async (_, token) => {
    const response = await served.send(PATH, token);

    expect(response.status).toBe(401);
    expect(Problem.parse(await response.json()).code).toBe('unauthenticated');
  });

  test('one with another secret is refused', async () => {
    const [head, id, secret = ''] = agent.split('.');
    const other = `${secret[0] === 'A' ? 'B' : 'A'}${secret.slice(1)}`;

    expect((await served.send(PATH, `${head}.${id}.${other}`)).status).toBe(401);
    expect((await served.send(PATH, agent)).status).toBe(200);
  });

  test('a revoked one is refused at once, and evidence says so', async () => {
    const token = await newToken(data, '--operator', 'bob');
    expect((await served.send(PATH, token)).status).toBe(200);
    const id = token.split('.')[1] as string;

    const revoked = await interlock(['token', 'revoke', id, '--data', data]);

    expect(revoked.code).toBe(0);
    expect((await served.send(PATH, token)).status).toBe(401);
    const again = await interlock(['token', 'revoke', id, '--data', data, '--json']);
    expect(errorOf(again)).toMatchObject({ code: 'token-revoked' });
    const kinds = await inFolder({ data }, async ({ ports }) => {
      const streams = (await ports.store.streams()).filter((one) => one.startsWith('control:'));
      const records = await Promise.all(streams.map((one) => ports.store.records(one)));
      return records.flat().map((one) => JSON.parse(Buffer.from(one).toString()).kind as string);
    });
    expect(kinds.filter((one) => one === 'token-created')).toHaveLength(3);
    expect(kinds.filter((one) => one === 'token-revoked')).toHaveLength(1);
  });
});

describe('interlock serve', () => {
  test('needs a data folder', async () => {
    const ended = await interlock(['serve', '--data', join(data, 'none'), '--port', '0', '--json']);

    expect(errorOf(ended)).toMatchObject({ code: 'data-folder-not-found' });
  });

  test('says when its port is taken', async () => {
    const port = new URL(served.url).port;

    const ended = await interlock(['serve', '--data', data, '--port', port, '--json']);

    expect(errorOf(ended)).toMatchObject({ code: 'cannot-listen' });
  });

  test('refuses another agent, and the agent what is for operators', async () => {
    const plan = { ...planOf('detach-legacy'), agent: 'somebody' };

    const foreign = await propose('foreign', agent, plan);
    const moved = await served.send('/v1/kill-switch', agent, {
      method: 'PUT',
      body: JSON.stringify({ scope: 'all', mode: 'halt', reason: 'x' }),
      headers: { 'content-type': 'application/json' },
    });

    expect(Problem.parse(await foreign.json())).toMatchObject({
      status: 403,
      code: 'foreign-agent',
    });
    expect(Problem.parse(await moved.json())).toMatchObject({
      status: 403,
      code: 'operators-only',
    });
  });

  test('runs what is proposed; the same key at once is one transaction', async () => {
    const responses = await Promise.all(Array.from({ length: 6 }, () => propose('parallel')));

    expect(responses.map(({ status }) => status)).toEqual(Array(6).fill(202));
    const all = await Promise.all(responses.map(async (one) => Proposed.parse(await one.json())));
    const ids = [...new Set(all.map((one) => one.transaction.id))];
    expect(ids).toHaveLength(1);
    const detail = await done(ids[0] as string);
    expect(detail.transaction.status).toBe('committed');
    const verified = await interlock(['evidence', 'verify', '--all', '--data', data]);
    expect(verified.code).toBe(0);
  });

  test('undo waits for a person, and the agent ends it', async () => {
    const { transaction } = Proposed.parse(await (await propose('parallel')).json());
    const undone = await served.send(`${PATH}/${transaction.id}/undo`, operator, {
      method: 'POST',
    });
    const { id } = Proposed.parse(await undone.json()).transaction;

    const cancelled = await served.send(`${PATH}/${id}/cancel`, agent, { method: 'POST' });

    expect(TransactionSummary.parse(await cancelled.json()).id).toBe(id);
    expect((await done(id)).transaction.status).toBe('rejected');
  });
});
