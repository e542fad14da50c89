import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { say } from '../unit/evidence/support/shared-vectors.ts';
import { runPython } from './python.ts';

const OWN = join(process.cwd(), 'test/vectors');
const SHARED = join(process.cwd(), '../shared/data/vectors');

test('the parts of the Python verifier judge every vector as it says', async () => {
  const { code, stdout, stderr } = await runPython('vectors.py', OWN, SHARED);

  for (const line of stdout.trimEnd().split('\n')) {
    const [kind, ran, refused] = line.split(' ');
    say(`python vectors, ${kind}: ${ran} ran, ${refused} refused${ran === '0' ? ', SKIPPED' : ''}`);
  }
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^ecdsa 42 32$/m);
});
