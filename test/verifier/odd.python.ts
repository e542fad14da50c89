import { expect, test } from '@jest/globals';
import { say } from '../unit/evidence/support/shared-vectors.ts';
import { compare } from './compare.ts';
import { oddLogs } from './odd-log.ts';
import { oddRecords } from './odd-records.ts';
import { oddSeals } from './odd-seals.ts';
import { oddStories } from './odd-stories.ts';

test.each([
  ['records', oddRecords()],
  ['seals', oddSeals()],
  ['logs', oddLogs()],
  ['stories', oddStories()],
])('both verifiers say the same of odd %s under true signatures', async (what, files) => {
  const { total, integrities, outcomes, differences } = await compare(files);

  const saying = (answers: Readonly<Record<string, number>>): string =>
    Object.entries(answers)
      .map(([answer, count]) => `${count} ${answer}`)
      .join(', ');
  say(`odd ${what}: ${total}, integrity ${saying(integrities)}; outcome ${saying(outcomes)}`);
  expect(differences).toEqual([]);
});
