import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { AuditJson } from '../../../cli/audit/audit-json.ts';
import * as shapes from '../../../cli/json-shapes.ts';
import { compactJson } from './compact-json.ts';

const PAGE = join(import.meta.dirname, '../../../docs/json.md');
const SCHEMAS: Readonly<Record<string, unknown>> = { ...shapes, AuditJson };
const SCHEMA_BLOCK = /<!-- schema: (\w+) -->\n(?:\n```json\n[\s\S]*?\n```\n)?/g;

/** The page with each schema as the program has it. */
function withSchemas(page: string): string {
  return page.replace(SCHEMA_BLOCK, (_, name: string) => {
    const schema = SCHEMAS[name];
    if (!(schema instanceof z.ZodType)) throw new Error(`there is no schema ${name}`);
    const text = compactJson(z.toJSONSchema(schema));
    return `<!-- schema: ${name} -->\n\n\`\`\`json\n${text}\n\`\`\`\n`;
  });
}

describe('docs/json.md', () => {
  const page = fs.readFileSync(PAGE, 'utf8');

  test('shows the schemas that the program is held to', () => {
    const expected = withSchemas(page);
    // To renew the page after a change: UPDATE_DOCS=1 npx jest test/unit/cli/json-page
    if (process.env['UPDATE_DOCS'] === '1') fs.writeFileSync(PAGE, expected);

    expect(process.env['UPDATE_DOCS'] === '1' ? expected : page).toBe(expected);
  });

  test('shows every shape', () => {
    const names = [...page.matchAll(SCHEMA_BLOCK)].map(([, name]) => name);
    const wanted = Object.keys(shapes).filter(
      (name) => SCHEMAS[name] instanceof z.ZodType && name !== 'StepShape',
    );

    expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('notices a schema that has moved', () => {
    const moved = page.replace('"purpose"', '"porpoise"');

    expect(withSchemas(moved)).not.toBe(moved);
  });
});
