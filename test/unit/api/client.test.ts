import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from '../../../api/client.ts';
import { OPERATIONS } from '../../../api/operations.ts';
import { DeniedError, HaltedError, IdempotencyError, NotFoundError } from '../../../core/errors.ts';
import { type ApiWorld, openApiWorld, PLAN, type Token } from './api-world.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>;

let opened: ApiWorld;
let asked: Request[];
beforeEach(() => {
  opened = openApiWorld();
  asked = [];
});
afterEach(() => opened.close());

const clientOf = (token: Token) =>
  createClient({
    endpoint: 'http://control-plane.test',
    token,
    async fetch(request) {
      asked.push(request.clone());
      return opened.fetch(request);
    },
    sleep: async () => opened.settled(),
  });

describe('the client and the OpenAPI document', () => {
  test('have the same operations, methods, paths and answers', async () => {
    const document = (await (await opened.send('/openapi.json')).json()) as {
      paths: Record<string, Record<string, Operation>>;
    };

    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, responses }]) => {
        const answers = Object.entries(responses)
          .filter(([status]) => status.startsWith('2'))
          .map(([, { content }]) => content?.['application/json']?.schema.$ref.split('/').at(-1));
        return { operationId, method, path, answers };
      }),
    );

    expect(documented.map(({ operationId }) => operationId).sort()).toEqual(
      Object.keys(OPERATIONS).sort(),
    );
    for (const { operationId, method, path, answers } of documented) {
      const operation = OPERATIONS[operationId as keyof typeof OPERATIONS];
      expect({ operationId, method, path }).toEqual({
        operationId,
        method: operation.method,
        path: operation.path,
      });
      expect(answers).toContain(operation.answer);
    }
  });

  test('every operation has its method, which asks for it', async () => {
    const client = clientOf('ops');
    const digests = { planDigest: '0'.repeat(64), dryRunDigest: '0'.repeat(64) };
    const calls: Readonly<Record<keyof typeof OPERATIONS, () => Promise<unknown>>> = {
      health: () => client.health(),
      listActions: () => client.listActions(),
      listPolicies: () => client.listPolicies(),
      listTransactions: () => client.listTransactions(),
      readTransaction: () => client.readTransaction('tx-1'),
      readRecords: () => client.readRecords('tx-1'),
      readBundle: () => client.readBundle('tx-1'),
      readKillSwitch: () => client.readKillSwitch(),
      moveKillSwitch: () =>
        client.moveKillSwitch({ scope: 'all', mode: 'running', reason: 'a test' }),
      propose: () => client.propose(PLAN),
      undo: () => client.undo('tx-1'),
      cancel: () => client.cancel('tx-1'),
      approve: () => client.approve('tx-1', digests),
      refuse: () => client.refuse('tx-1', 'no'),
      resume: () => client.resume('tx-1'),
      resolve: () => client.resolve('tx-1', { as: 'applied', reason: 'seen' }),
    };

    for (const [id, call] of Object.entries(calls)) {
      asked = [];
      // There is no such transaction, and operators do not propose: the request was the right one.
      await call().catch((error: { code: string }) =>
        expect(['transaction-not-found', 'agents-only']).toContain(error.code),
      );
      const { method, path } = OPERATIONS[id as keyof typeof OPERATIONS];
      expect(asked).toHaveLength(1);
      expect(asked[0]?.method).toBe(method.toUpperCase());
      expect(new URL(asked[0]?.url ?? '').pathname).toBe(path.replace('{id}', 'tx-1'));
    }
  });
});

describe('a client', () => {
  test('proposes, waits and reads what became of it', async () => {
    const client = clientOf('auditor');

    const dry = await client.dryRun(PLAN);
    const { transaction } = await client.propose(PLAN);
    const detail = await client.wait(transaction.id);

    expect(dry.answer).toBe('allow');
    expect(detail.transaction).toMatchObject({ status: 'committed', sealed: true });
    const { records } = await client.readRecords(transaction.id);
    expect(records).toHaveLength(detail.records.length);
    expect((await client.readBundle(transaction.id)).length).toBeGreaterThan(1000);
    expect((await client.listTransactions({ status: 'committed', limit: 5 })).transactions).toEqual(
      [expect.objectContaining({ id: transaction.id })],
    );
  });

  test('stops waiting for what waits for a person, and for what takes too long', async () => {
    const client = clientOf('auditor');
    const { transaction } = await client.propose(PLAN);
    await client.wait(transaction.id);

    const undo = await client.undo(transaction.id);
    const waiting = await client.wait(undo.transaction.id);
    const stuck = createClient({
      endpoint: 'http://control-plane.test',
      token: 'ops',
      sleep: async () => undefined,
      fetch: (request) => opened.fetch(request),
    });
    const idle = await opened.world.propose(PLAN.steps);

    expect(waiting.transaction.status).toBe('awaiting-approval');
    await expect(stuck.wait(idle.id, { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'still-running',
    });
  });

  test('throws what the other side has thrown', async () => {
    const agent = clientOf('auditor');
    const operator = clientOf('ops');
    const steps = Array.from({ length: 100 }, (_, index) => ({
      ...(PLAN.steps[0] as (typeof PLAN.steps)[number]),
      id: `step-${index}`,
    }));

    const denied = await agent.propose({ ...PLAN, steps }).catch((error: unknown) => error);
    await agent.propose(PLAN, 'same');

    expect(denied).toBeInstanceOf(DeniedError);
    expect((denied as DeniedError).policies.map(({ id }) => id)).toEqual(['blast-radius-steps']);
    await expect(agent.readTransaction('tx-1')).rejects.toThrow(NotFoundError);
    await expect(agent.propose({ ...PLAN, purpose: 'other' }, 'same')).rejects.toThrow(
      IdempotencyError,
    );
    await operator.moveKillSwitch({ scope: 'all', mode: 'halt', reason: 'a test' });
    await expect(agent.propose(PLAN)).rejects.toThrow(HaltedError);
  });
});
