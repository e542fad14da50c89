import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { checkpointFolder, memoryCheckpoints } from '../../../adapters/embedded/checkpoints.ts';
import { scratchFolder } from '../../integration/cli-folder.ts';

let scratch: string;
let folder: string;
beforeEach(() => {
  scratch = scratchFolder();
  folder = join(scratch, 'checkpoints');
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(scratch, { recursive: true, force: true });
});

describe.each([
  ['in a folder', () => checkpointFolder(folder)],
  ['in memory', memoryCheckpoints],
])('published checkpoints %s', (_where, open) => {
  test('are none before one was published', async () => {
    const checkpoints = open();

    expect(await checkpoints.newest()).toBeUndefined();
    expect(await checkpoints.all()).toEqual([]);
  });

  test('are in the order of their sizes, whenever they came', async () => {
    const checkpoints = open();
    for (const size of [9, 100, 10]) await checkpoints.publish({ size, note: `note of ${size}` });

    expect((await checkpoints.all()).map(({ size }) => size)).toEqual([9, 10, 100]);
    expect(await checkpoints.newest()).toEqual({ size: 100, note: 'note of 100' });
  });

  test('are published again without a trace, and never replaced', async () => {
    const checkpoints = open();
    await checkpoints.publish({ size: 3, note: 'first' });
    await checkpoints.publish({ size: 3, note: 'first' });

    await expect(checkpoints.publish({ size: 3, note: 'second' })).rejects.toMatchObject({
      name: 'EvidenceError',
      code: 'checkpoint-forked',
    });

    expect(await checkpoints.all()).toEqual([{ size: 3, note: 'first' }]);
  });
});

describe('a checkpoint in a folder', () => {
  test('is there whole or not at all', async () => {
    jest.spyOn(fs, 'linkSync').mockImplementationOnce(() => {
      throw new Error('the process was killed');
    });
    const checkpoint = { size: 3, note: 'first' };

    await expect(checkpointFolder(folder).publish(checkpoint)).rejects.toThrow('killed');
    expect(await checkpointFolder(folder).all()).toEqual([]);

    await checkpointFolder(folder).publish(checkpoint);
    expect(await checkpointFolder(folder).newest()).toEqual(checkpoint);
  });

  test('is taken from another process that publishes it at the same time', async () => {
    const exists = fs.existsSync;
    jest.spyOn(fs, 'existsSync').mockImplementation((path) => {
      const found = exists(path);
      if (!found && String(path).startsWith(join(folder, '0')))
        fs.writeFileSync(path as string, 'first');
      return found;
    });

    await checkpointFolder(folder).publish({ size: 3, note: 'first' });

    expect(fs.readdirSync(folder)).toEqual(['0000000000000003']);
  });
});
