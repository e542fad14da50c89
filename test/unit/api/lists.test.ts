import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TransactionList } from '../../../api/shapes.ts';
import { caseNamed } from '../../integration/support/action-cases.ts';
import { type ApiWorld, openApiWorld, PLAN, problemIn } from './api-world.ts';

const COUNT = 9;
const STEP_MS = 60_000;
const OTHER = caseNamed('iam:AttachRolePolicy').step;

let opened: ApiWorld;
let ids: string[];
let createdAt: number[];

beforeAll(async () => {
  opened = openApiWorld();
  ids = [];
  createdAt = [];
  for (let index = 0; index < COUNT; index += 1) {
    const steps = index % 3 === 0 ? [OTHER] : PLAN.steps;
    const transaction = await opened.world.propose(steps);
    ids.push(transaction.id);
    createdAt.push(transaction.createdAt);
    await opened.world.clock.sleep(STEP_MS);
  }
  await opened.world.run(await opened.world.load(ids[1] as string));
});
afterAll(() => opened.close());

const pagesOf = async (query: string): Promise<readonly (readonly string[])[]> => {
  const pages: (readonly string[])[] = [];
  let after = '';
  do {
    const path = `/v1/transactions?${query}${after === '' ? '' : `&after=${after}`}`;
    const page = TransactionList.parse(await (await opened.send(path, { as: 'ops' })).json());
    pages.push(page.transactions.map(({ id }) => id));
    after = page.next ?? '';
  } while (after !== '' && pages.length < COUNT + 2);
  return pages;
};
const newest = (keep: (index: number) => boolean) =>
  ids.filter((_, index) => keep(index)).reverse();
const at = (index: number) => new Date(createdAt[index] as number).toISOString();

describe('a list', () => {
  test.each([
    ['limit=0'],
    ['limit=201'],
    ['limit=x'],
    ['status=gone'],
    ['after=%2e%2e'],
    ['from=yesterday'],
    ['color=red'],
  ])('is not made of %s', async (query) => {
    const response = await opened.send(`/v1/transactions?${query}`, { as: 'ops' });

    expect(await problemIn(response)).toMatchObject({ status: 400, code: 'invalid-request' });
  });

  test.each([1, 2, 4, 9])('shows each once, newest first, in pages of %s', async (limit) => {
    const pages = await pagesOf(`limit=${limit}`);

    expect(pages.flat()).toEqual(newest(() => true));
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
  });

  test.each([1, 2, 9])('keeps those of an action, in pages of %s', async (limit) => {
    const pages = await pagesOf(`action=${OTHER.action}&limit=${limit}`);

    expect(pages.flat()).toEqual(newest((index) => index % 3 === 0));
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
  });

  test('keeps those of a status, an agent, a time', async () => {
    expect((await pagesOf('status=committed')).flat()).toEqual([ids[1]]);
    expect((await pagesOf('agent=iam-auditor')).flat()).toHaveLength(COUNT);
    expect((await pagesOf('agent=nobody')).flat()).toEqual([]);
    expect((await pagesOf(`from=${at(2)}&to=${at(5)}&limit=2`)).flat()).toEqual(
      newest((index) => index >= 2 && index < 5),
    );
  });
});
