import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseCases, runCases } from '../../../adapters/cedar/cases.ts';
import { cedarDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { checkPolicies, loadPolicies } from '../../../adapters/cedar/load.ts';
import { parsePolicies } from '../../../adapters/cedar/parse-policies.ts';
import { PolicyInvalidError } from '../../../core/errors.ts';

const page = readFileSync('docs/policies.md', 'utf8');
const shipped = loadPolicies('policies');

// The text of every fence with exactly this info string.
function blocks(info: string): readonly string[] {
  const parts = page.split('\n```');
  return parts
    .filter((part) => part.startsWith(`${info}\n`))
    .map((part) => part.slice(info.length + 1));
}

function withShipped(text: string) {
  const policies = [...shipped.policies, ...parsePolicies('docs/policies.md', text)];
  return checkPolicies({ ...shipped, policies, agents: [...shipped.agents, 'janitor'] });
}

// A fence `cedar CODE` holds what is refused with that code.
const refused = [...page.matchAll(/\n```cedar (\S+)\n([^`]*)\n```/g)].map(
  ([, code = '', text = '']) => ({ code, text }),
);

describe('the page for policy authors', () => {
  it('has examples that load beside the shipped policies', () => {
    const loaded = withShipped(blocks('cedar').join('\n'));

    expect(blocks('cedar')).toHaveLength(2);
    expect(loaded.policies.length).toBe(shipped.policies.length + 4);
  });

  it('has cases that come out as written', async () => {
    const pdp = cedarDecisionPoint(withShipped(blocks('cedar').join('\n')));
    const cases = blocks('json').flatMap((text) => parseCases('docs/policies.md', text));

    const results = await runCases(cases, pdp);

    expect(cases).toHaveLength(3);
    expect(results.filter(({ isPassed }) => !isPassed)).toEqual([]);
  });

  it.each(refused)('has an example that is refused as $code', ({ code, text }) => {
    const load = () => withShipped(text);

    expect(load).toThrow(PolicyInvalidError);
    expect(load).toThrow(expect.objectContaining({ code }));
  });

  it('shows three refused examples', () => {
    expect(refused).toHaveLength(3);
  });
});

// The formatter pads the cells of a table.
const tables = page.replace(/ {2,}/g, ' ');

// Everything between backticks in the first cell of the rows below a table's heading.
function firstCells(heading: string): readonly string[] {
  const start = tables.indexOf(`| ${heading} |`);
  const rows = tables.slice(start).split('\n').slice(2);
  const end = rows.findIndex((row) => !row.startsWith('|'));
  const cells = rows.slice(0, end < 0 ? rows.length : end).map((row) => row.split(' | ')[0] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''));
}

function found(file: string, pattern: RegExp): readonly string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

describe('the tables of the page', () => {
  it('list the context of a step as the schema has it', () => {
    const [record] = found('policies/schema.cedarschema', /type StepContext = \{([^}]*)\}/g);
    const fields = [...(record ?? '').matchAll(/(\w+):/g)].map((match) => match[1]);

    expect([...firstCells('field')].sort()).toEqual([...fields].sort());
  });

  it('list the groups of the schema', () => {
    const groups = found('policies/schema.cedarschema', /^action "(phase:[a-z-]+)";/gm);

    expect(groups).toHaveLength(5);
    for (const group of groups) expect(tables).toContain(`| \`${group}\` |`);
  });

  it('list every code of a load error', () => {
    const codes = ['load', 'parse-policies', 'read-data', 'preparse'].flatMap((file) =>
      found(`adapters/cedar/${file}.ts`, /(?:PolicyInvalidError|invalid)\(\s*'([a-z-]+)'/g),
    );

    expect([...firstCells('code of a load error')].sort()).toEqual([...new Set(codes)].sort());
  });

  it('list every code of a deny', () => {
    const port = 'core/ports/decision-point.ts';
    const [union] = found(port, /export type DenyCode =([^;]*);/g);
    const codes = [...(union ?? '').matchAll(/\| '([a-z-]+)'/g)].map((match) => match[1]);

    expect([...firstCells('code of a deny')].sort()).toEqual([...codes].sort());
  });
});
