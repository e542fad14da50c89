import { beforeAll, describe, expect, it } from '@jest/globals';
import { contractNames, listTests } from './contracts.ts';
import { differences, type Reported, type Suite, suitesOf } from './side-by-side.ts';

const contracts = contractNames();
let embedded: readonly Reported[];
let aws: readonly Reported[];
beforeAll(async () => {
  embedded = await listTests(['test/contract/embedded-']);
  aws = await listTests(['--config', 'test/e2e/jest.config.mjs', 'test/e2e/contract/']);
});

const suites = (all: readonly Reported[]): readonly Suite[] => suitesOf(all, contracts);
const without = (all: readonly Reported[], title: string) =>
  all.filter((one) => !one.ancestorTitles.concat(one.title).some((text) => text === title));

describe('the contracts', () => {
  it('are the same tests for the embedded adapters and those of AWS', () => {
    const found = differences(contracts, suites(embedded), suites(aws));

    expect(found).toEqual([]);
    expect(contracts).toHaveLength(12);
    expect(suites(aws).every(({ statusOf }) => statusOf.size > 0)).toBe(true);
  });

  it('differ when a test of an adapter is missing', () => {
    const [one] = suites(aws);
    const [title = ''] = one?.statusOf.keys() ?? [];
    const last = title.split(' > ').at(-1) ?? '';

    const found = differences(contracts, suites(embedded), suites(without(aws, last)));

    expect(found).toContain(`${one?.contract}: ${one?.adapter}: lacks: ${title}`);
  });

  it.each(contracts)('differ when no adapter is tested: %s', (contract) => {
    const heading = `${contract}: `;
    const others = (all: readonly Reported[]) =>
      suites(all.filter((one) => !one.ancestorTitles[0]?.startsWith(heading)));

    expect(differences(contracts, suites(embedded), others(aws))).toEqual([
      `${contract}: no AWS adapter is tested`,
    ]);
    expect(differences(contracts, others(embedded), suites(aws))).toEqual([
      `${contract}: no embedded adapter is tested`,
    ]);
  });

  it('differ when one adapter fails a test, or skips it', () => {
    const passed = embedded.map((one) => ({ ...one, status: 'passed' }));
    for (const status of ['failed', 'pending', 'todo']) {
      const changed = aws.map((one) => ({ ...one, status: 'passed' }));
      const index = changed.findIndex(
        ({ ancestorTitles: [heading] }) => heading === 'the store: aws',
      );
      changed[index] = { ...(changed[index] as Reported), status };

      const found = differences(contracts, suites(passed), suites(changed));

      expect(found).toEqual([expect.stringMatching(`^the store: aws: ${status}: `)]);
    }
  });
});
