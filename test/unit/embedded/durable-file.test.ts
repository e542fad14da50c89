import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createDurably } from '../../../adapters/embedded/durable-file.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'interlock-durable-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

test('is there whole, for whom it is for, and leaves no draft', () => {
  const path = join(folder, 'key');

  createDurably(path, 'text', 0o600);

  expect(fs.readFileSync(path, 'utf8')).toBe('text');
  expect(fs.statSync(path).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(folder)).toEqual(['key']);
});

test('never replaces a file, and leaves no draft then either', () => {
  const path = join(folder, 'key');
  fs.writeFileSync(path, 'before');

  expect(() => createDurably(path, 'after', 0o600)).toThrow(
    expect.objectContaining({ code: 'EEXIST' }),
  );

  expect(fs.readFileSync(path, 'utf8')).toBe('before');
  expect(fs.readdirSync(folder)).toEqual(['key']);
});

test('is not stopped by the draft that a killed process has left', () => {
  const path = join(folder, 'key');
  fs.writeFileSync(`${path}.${process.pid}.tmp`, 'half');

  createDurably(path, 'whole', 0o600);

  expect(fs.readFileSync(path, 'utf8')).toBe('whole');
});
