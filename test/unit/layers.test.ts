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
  infra: ['agents', 'adapters', 'actions'],
};
/** All that the infrastructure imports of what runs: constants that both sides must agree on. */
const SHARED_WITH_INFRA = [
  'adapters/aws/account-roles.ts ACCOUNT_PLACE',
  'adapters/aws/archive-names.ts CHECKPOINTS_PREFIX',
  'adapters/aws/metric-names.ts METRICS',
  'adapters/aws/metric-names.ts METRICS_NAMESPACE',
  'adapters/aws/principals.ts OPERATORS_GROUP',
  'adapters/aws/tables.ts OPEN_STREAMS',
  'adapters/aws/tables.ts TABLES',
  'agents/iam-auditor/audit/state.ts AGENT_OF',
];
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

/** The values that a file imports, or exports on, from other folders: `path name`; types aside. */
const valuesFromOutside = (file: string, text = readFileSync(file, 'utf8')): readonly string[] =>
  [...text.matchAll(/^(?:import|export) (?!type )([^;]*?) from '(\.\.?\/[^']+\.ts)'/gm)].flatMap(
    ([, names = '', specifier = '']) => {
      const path = normalize(join(dirname(file), specifier));
      if (path.startsWith(`${file.split('/')[0]}/`)) return [];
      return names
        .replace(/^\{|\}$/g, '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && !name.startsWith('type '))
        .map((name) => `${path} ${name.split(' as ')[0]}`);
    },
  );

const packagesOf = (file: string): readonly string[] =>
  importsOf(file).filter((specifier) => !specifier.startsWith('.'));

const importsNodeCrypto = (file: string): boolean =>
  importsOf(file).some((specifier) => specifier.endsWith('node-crypto.ts'));

describe('the layers', () => {
  test.each(Object.entries(MAY_IMPORT))('%s imports only what is below it', (folder, allowed) => {
    expect(filesIn(folder).length).toBeGreaterThan(0);
    expect(breaches(folder, allowed)).toEqual([]);
  });

  test('a breach is found', () => {
    expect(breaches('cli', []).length).toBeGreaterThan(10);
  });

  test('infra shares with what runs the listed constants alone', () => {
    const shared = filesIn('infra').flatMap((file) => valuesFromOutside(file));

    expect([...new Set(shared)].sort()).toEqual(SHARED_WITH_INFRA);
  });

  test('the constants are found however they are imported', () => {
    const text = [
      "import { a, type B, c as d } from '../core/one.ts';",
      "export { e } from '../core/two.ts';",
      "import type { F } from '../core/three.ts';",
      "import g from '../core/four.ts';",
      "import { h } from './names.ts';",
      "import {\n  i,\n  j,\n} from '../core/five.ts';",
    ].join('\n');

    expect(valuesFromOutside('infra/any.ts', text)).toEqual([
      ...['core/one.ts a', 'core/one.ts c', 'core/two.ts e', 'core/four.ts g'],
      ...['core/five.ts i', 'core/five.ts j'],
    ]);
  });

  test('what infra shares brings no SDK with it', () => {
    const files = SHARED_WITH_INFRA.map((one) => one.split(' ')[0] as string);

    expect([...new Set(files.flatMap(packagesOf))]).toEqual(['zod']);
  });

  test('nothing that runs imports the CDK', () => {
    const running = Object.keys(MAY_IMPORT).filter((folder) => folder !== 'infra');
    const isCdk = (specifier: string) => /^(aws-cdk|constructs|cdk-)/.test(specifier);
    const found = running
      .flatMap(filesIn)
      .filter((file) => importsOf(file).some((specifier) => isCdk(specifier)));

    expect(found).toEqual([]);
    expect(filesIn('infra').flatMap(packagesOf).some(isCdk)).toBe(true);
  });

  test('core imports zod, canonicalize and node:crypto alone', () => {
    const packages = filesIn('core')
      .flatMap(importsOf)
      .filter((specifier) => !specifier.startsWith('.'));

    expect([...new Set(packages)].sort()).toEqual([...CORE_PACKAGES].sort());
  });

  test('evidence imports no package, but for the one file that stands on node:crypto', () => {
    const importers = filesIn('core/evidence').filter((file) => packagesOf(file).length > 0);

    expect(importers).toEqual(['core/evidence/node-crypto.ts']);
    expect(packagesOf('core/evidence/node-crypto.ts')).toEqual(['node:crypto']);
    expect(filesIn('core/evidence').filter((file) => importsNodeCrypto(file))).toEqual([]);
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
