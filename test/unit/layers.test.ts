import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** What each top folder may import, itself aside. Arrows only go down. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  iam: ['core'],
  actions: ['iam', 'core'],
  adapters: ['actions', 'iam', 'core'],
  api: ['actions', 'iam', 'core'],
  agents: ['api', 'adapters', 'actions', 'iam', 'core'],
  cli: ['agents', 'api', 'adapters', 'actions', 'iam', 'core'],
  lambdas: ['agents', 'api', 'adapters', 'actions', 'iam', 'core'],
  infra: ['adapters', 'actions', 'iam', 'core'],
};
const CORE_PACKAGES = ['zod', 'canonicalize', 'node:crypto'];

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : path.endsWith('.ts') ? [path] : [];
  });

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
    ([, specifier]) => specifier as string,
  );

const topOf = (file: string, specifier: string): string =>
  normalize(join(dirname(file), specifier)).split('/')[0] as string;

/** Imports of the folder's files that go up or aside, as `file -> import`. */
const breaches = (folder: string, allowed: readonly string[]): readonly string[] =>
  filesIn(folder).flatMap((file) =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith('.') && !specifier.endsWith('.json'))
      .filter((specifier) => ![folder, ...allowed].includes(topOf(file, specifier)))
      .map((specifier) => `${file} -> ${specifier}`),
  );

describe('the layers', () => {
  test.each(Object.entries(MAY_IMPORT))('%s imports only what is below it', (folder, allowed) => {
    expect(filesIn(folder).length).toBeGreaterThan(0);
    expect(breaches(folder, allowed)).toEqual([]);
  });

  test('a breach is found', () => {
    expect(breaches('cli', []).length).toBeGreaterThan(10);
  });

  test('core imports zod, canonicalize and node:crypto alone', () => {
    const packages = filesIn('core')
      .flatMap(importsOf)
      .filter((specifier) => !specifier.startsWith('.'));

    expect([...new Set(packages)].sort()).toEqual([...CORE_PACKAGES].sort());
  });

  test('evidence imports nothing of the rest of core but its errors, its JSON and its port', () => {
    const outside = filesIn('core/evidence')
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => normalize(join(dirname(file), specifier))),
      )
      .filter((path) => !path.startsWith('core/evidence/'));

    expect([...new Set(outside)].sort()).toEqual([
      'core/errors.ts',
      'core/json.ts',
      'core/ports/crypto.ts',
    ]);
  });
});
