import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { AuditJson } from '../../../cli/audit/audit-json.ts';
import * as shapes from '../../../cli/json-shapes.ts';

const PAGE = join(import.meta.dirname, '../../../docs/json.md');
const SCHEMAS: Readonly<Record<string, unknown>> = { ...shapes, AuditJson };
const SCHEMA_BLOCK = /<!-- schema: (\w+) -->\n\n```json\n([\s\S]*?)\n```\n/g;

interface Block {
  readonly name: string;
  readonly schema: unknown;
}

function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(SCHEMA_BLOCK)].map(([, name = '', text = '']) => {
    return { name, schema: JSON.parse(text) as unknown };
  });
}

/** The schema of a shape as the program has it. */
function schemaOf(name: string): unknown {
  const shape = SCHEMAS[name];
  if (!(shape instanceof z.ZodType)) throw new Error(`there is no schema ${name}`);
  return JSON.parse(JSON.stringify(z.toJSONSchema(shape)));
}

/** To renew the page after a change: `UPDATE_DOCS=1 npx jest test/unit/cli/json-page`, then format. */
function renewed(page: string): string {
  return page.replace(
    SCHEMA_BLOCK,
    (_, name: string) =>
      `<!-- schema: ${name} -->\n\n\`\`\`json\n${JSON.stringify(schemaOf(name))}\n\`\`\`\n`,
  );
}

describe('docs/json.md', () => {
  if (process.env['UPDATE_DOCS'] === '1')
    fs.writeFileSync(PAGE, renewed(fs.readFileSync(PAGE, 'utf8')));
  const page = fs.readFileSync(PAGE, 'utf8');

  test.each(blocksOf(page))('shows $name as the program has it', ({ name, schema }) => {
    expect(schema).toEqual(schemaOf(name));
  });

  test('shows every shape', () => {
    const shown = blocksOf(page).map(({ name }) => name);
    const wanted = Object.keys(SCHEMAS).filter(
      // Part of TransactionDetail.
      (name) => SCHEMAS[name] instanceof z.ZodType && name !== 'StepShape',
    );

    expect([...shown].sort()).toEqual([...wanted].sort());
  });

  test('would notice a schema that has moved', () => {
    const [first] = blocksOf(page.replaceAll('"message"', '"massage"'));

    expect(first?.schema).not.toEqual(schemaOf('ErrorShape'));
  });
});
