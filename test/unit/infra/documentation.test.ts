import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { RESERVED_CONCURRENCY, SEQUENCERS } from '../../../infra/reserved-concurrency.ts';
import { type Settings, settingsOf } from '../../../infra/settings.ts';
import { synthesize } from './synthesis.ts';

const README = readFileSync('README.md', 'utf8');
const DEPLOYING = readFileSync('docs/deploying.md', 'utf8');
const OPERATING = readFileSync('docs/operating.md', 'utf8');
const ALL = [README, DEPLOYING, OPERATING].join('\n');

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as {
  readonly context: Readonly<Record<string, unknown>>;
};
const template = synthesize().controlPlane;

/** The names that the settings are read by. */
function settingNames(): readonly string[] {
  const asked: string[] = [];
  const tryGetContext = (name: string) => {
    asked.push(name);
    return context[name];
  };
  settingsOf({ tryGetContext } as Parameters<typeof settingsOf>[0]);
  return asked;
}

/** The rows of the table of settings: what is shipped, by name. */
function documented(text: string): ReadonlyMap<string, string | undefined> {
  const rows = [...text.matchAll(/^\| `(\w+)` \| (?:`([^`]+)`)? ?\| /gm)];
  return new Map(rows.map(([, name = '', shipped]) => [name, shipped]));
}

const shipped = (name: string) =>
  context[name] === undefined ? undefined : JSON.stringify(context[name]);

describe('the documents about deploying', () => {
  it('have every setting, with the value that is shipped', () => {
    const names = settingNames();

    const table = documented(DEPLOYING.slice(0, DEPLOYING.indexOf('## Operators')));

    expect(names.length).toBeGreaterThan(10);
    expect([...table]).toEqual(
      [...table.keys()].map((name) => [name, shipped(name)] satisfies [string, unknown]),
    );
    expect([...table.keys()].sort()).toEqual([...names].sort());
  });

  it('find a row that is missing, and one that has another value', () => {
    const wrong = DEPLOYING.replace('| `"prod"` |', '| `"test"` |').replace(
      '| `tracing` |',
      '| x |',
    );

    const table = documented(wrong.slice(0, wrong.indexOf('## Operators')));

    expect(table.get('stage')).not.toBe(shipped('stage'));
    expect(table.has('tracing')).toBe(false);
  });

  it('set nothing that is no setting', () => {
    const set = [...ALL.matchAll(/-c (\w+)=/g)].map(([, name = '']) => name);

    expect(set.length).toBeGreaterThan(3);
    expect(set.filter((name) => name !== 'NAME' && !settingNames().includes(name))).toEqual([]);
  });

  it('show objects that are valid settings', () => {
    const shown = [...ALL.matchAll(/-c (\w+)='([^']+)'/g)];
    const read = (name: string, text: string): Settings => {
      const with12 = text.replaceAll(/"(ACCOUNT|ANOTHER)"/g, '"111122223333"');
      const tryGetContext = (one: string) => (one === name ? with12 : context[one]);
      return settingsOf({ tryGetContext } as Parameters<typeof settingsOf>[0]);
    };

    expect(shown.length).toBeGreaterThan(1);
    for (const [, name = '', text = ''] of shown) expect(read(name, text).stage).toBe('prod');
  });

  it('read outputs that the stack has', () => {
    const read = [...ALL.matchAll(/\$\(output (\w+)\)/g)].map(([, name = '']) => name);

    expect(new Set(read).size).toBeGreaterThan(5);
    expect(read.filter((name) => template.Outputs[name] === undefined)).toEqual([]);
  });

  it('name all that outlives the stack', () => {
    const kept = Object.values(template.Resources)
      .filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')
      .map(({ Type }) => Type);

    expect([...new Set(kept)].sort()).toEqual([
      'AWS::ApiGateway::Account',
      'AWS::Cognito::UserPool',
      'AWS::DynamoDB::Table',
      'AWS::IAM::Role',
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
    ]);
    expect(kept).toHaveLength(13);
  });

  it('show an agent as it is shipped', () => {
    const [, text = ''] = /```json\n([\s\S]*?)```/.exec(DEPLOYING) ?? [];

    const { agents } = JSON.parse(readFileSync('policies/agents.json', 'utf8'));

    expect(agents).toContainEqual(JSON.parse(text));
  });

  it('say how many functions are reserved', () => {
    const all = [...Object.values(RESERVED_CONCURRENCY), SEQUENCERS];
    const reserved = all.reduce((sum, one) => sum + one, 0);

    expect(README).toContain(`| functions at once | ${reserved} are reserved;`);
  });
});
