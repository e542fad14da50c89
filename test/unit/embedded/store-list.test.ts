import { describe, expect, test } from '@jest/globals';
import { listSql } from '../../../adapters/embedded/store-list.ts';
import { openStoreDatabase } from '../../../adapters/embedded/store-schema.ts';

const FILTERS = [
  {},
  { isOpen: true },
  { status: 'stuck' },
  { agent: 'iam-auditor' },
  { status: 'stuck', agent: 'iam-auditor' },
  { status: 'stuck', isOpen: true },
] as const;

describe('A page of transactions', () => {
  test.each(FILTERS)('%o is found by an index, and needs no sorting', (filters) => {
    const database = openStoreDatabase(':memory:');
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${listSql(filters)}`);
    const values = Object.values(filters).filter((value) => typeof value === 'string');

    const steps = plan.all(9, ...values, 20).map((row) => String(row['detail']));

    expect(steps).toEqual([
      expect.stringMatching(/^SEARCH transactions USING INDEX transactions_\w+ \(.*position<\?\)$/),
    ]);
  });

  test('is refused rather than scanned for when its index is gone', () => {
    const database = openStoreDatabase(':memory:');
    database.exec('DROP INDEX transactions_by_status');

    expect(() => database.prepare(listSql({ status: 'stuck' }))).toThrow('transactions_by_status');
  });
});
