import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type GroupCommit, groupCommits } from '../../../adapters/embedded/group-commit.ts';

let database: DatabaseSync;
let commit: GroupCommit;
let commits: number;

const put = (value: number): void => {
  database.prepare('INSERT INTO t (value) VALUES (?)').run(value);
};
const values = (): readonly unknown[] =>
  database
    .prepare('SELECT value FROM t ORDER BY value')
    .all()
    .map((row) => row['value']);

beforeEach(() => {
  database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE t (value INTEGER UNIQUE) STRICT');
  commits = 0;
  const real = database.prepare.bind(database);
  database.prepare = (sql) => {
    const statement = real(sql);
    if (sql !== 'COMMIT') return statement;
    const run = statement.run.bind(statement);
    statement.run = () => {
      commits += 1;
      return run();
    };
    return statement;
  };
  commit = groupCommits(database);
});

describe('works of one turn', () => {
  test('that fail take back only their own writes', async () => {
    const settled = await Promise.allSettled([
      commit(() => put(1)),
      commit(() => {
        put(2);
        throw new Error('refused');
      }),
      commit(() => {
        put(3);
        put(1);
      }),
      commit(() => put(4)),
    ]);

    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(values()).toEqual([1, 4]);
  });

  test('share one commit and see each other in order', async () => {
    const seen = await Promise.all([
      commit(() => {
        put(1);
        return values().length;
      }),
      commit(() => {
        put(2);
        return values().length;
      }),
    ]);

    expect(seen).toEqual([1, 2]);
    expect(commits).toBe(1);
  });

  test('resolve only once they are committed', async () => {
    let committedWhenResolved = -1;

    await Promise.all([
      commit(() => put(1)).then(() => {
        committedWhenResolved = commits;
      }),
      commit(() => put(2)),
    ]);

    expect(committedWhenResolved).toBe(1);
  });

  test('beyond the bound take another commit, and none is lost', async () => {
    await Promise.all(Array.from({ length: 600 }, (_, value) => commit(() => put(value))));

    expect(values()).toHaveLength(600);
    expect(commits).toBe(3);
  });

  test('are all refused when the commit as a whole fails', async () => {
    database.exec('BEGIN');

    const settled = await Promise.allSettled([commit(() => put(1)), commit(() => put(2))]);
    database.exec('ROLLBACK');

    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(settled[0]).toMatchObject({ reason: { name: 'TransientError', code: 'database-busy' } });
    expect(values()).toEqual([]);
  });
});
