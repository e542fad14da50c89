import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { loadPolicies, POLICIES_MAX } from '../../../adapters/cedar/load.ts';
import { PolicyInvalidError } from '../../../core/errors.ts';
import { PERMIT, request } from './fixtures.ts';

const root = mkdtempSync(join(tmpdir(), 'interlock-policies-'));
const folder = join(root, 'policies');

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync('policies', folder, { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  writeFileSync(join(folder, file), text);
}

function remove(...files: readonly string[]): void {
  for (const file of files) rmSync(join(folder, file));
}

function loadError(): PolicyInvalidError {
  try {
    loadPolicies(folder);
  } catch (error) {
    if (error instanceof PolicyInvalidError) return error;
    throw error;
  }
  throw new Error('the folder loaded');
}

const MANY = Array.from({ length: POLICIES_MAX + 1 }, (_, index) =>
  PERMIT.replace('"p"', `"p${index}"`),
).join('\n');
const AGENT = '{ "id": "iam-auditor", "description": "" }';
const schema = readFileSync('policies/schema.cedarschema', 'utf8');

type Row = readonly [string, () => void, string, string, string];
// What was done to the folder, how, the code of the load, the code of the deny, the place.
const BROKEN: readonly Row[] = [
  [
    'is missing',
    () => rmSync(folder, { recursive: true }),
    'no-policies',
    'no-policies',
    'no enforced policy',
  ],
  [
    'is empty',
    () => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    },
    'no-policies',
    'no-policies',
    'no enforced policy',
  ],
  [
    'holds no policy file',
    () => remove('baseline.cedar', 'iam-auditor.cedar', 'iam-auditor-propose.cedar'),
    'no-policies',
    'no-policies',
    'no enforced policy',
  ],
  [
    'is a file',
    () => {
      rmSync(folder, { recursive: true });
      writeFileSync(folder, PERMIT);
    },
    'policies-unreadable',
    'policies-invalid',
    'folder',
  ],
  [
    'holds a policy that does not parse',
    () => write('zz.cedar', 'forbid ('),
    'policy-syntax',
    'policies-invalid',
    '`zz.cedar`',
  ],
  [
    'holds a folder named like a policy file',
    () => mkdirSync(join(folder, 'zz.cedar')),
    'policies-unreadable',
    'policies-invalid',
    '`zz.cedar`',
  ],
  [
    'holds one id twice',
    () => cpSync(join(folder, 'baseline.cedar'), join(folder, 'copy.cedar')),
    'duplicate-policy-id',
    'policies-invalid',
    '`baseline.cedar` and in `copy.cedar`',
  ],
  [
    'holds more policies than there may be',
    () => write('many.cedar', MANY),
    'too-many-policies',
    'policies-invalid',
    '1000',
  ],
  [
    'has no schema',
    () => remove('schema.cedarschema'),
    'policies-unreadable',
    'policies-invalid',
    '`schema.cedarschema` is missing',
  ],
  [
    'has a schema that does not parse',
    () => write('schema.cedarschema', `${schema}\nentity`),
    'schema-invalid',
    'policies-invalid',
    'schema does not parse',
  ],
  [
    'has a schema that lacks an action of a policy',
    () => write('schema.cedarschema', schema.replaceAll('iam:DetachRolePolicy', 'iam:Other')),
    'policy-not-valid',
    'policies-invalid',
    // Cedar may name the one or the other auditor's file.
    '`iam-auditor',
  ],
  [
    'has no list of agents',
    () => remove('agents.json'),
    'policies-unreadable',
    'policies-invalid',
    '`agents.json` is missing',
  ],
  [
    'has a list of agents cut in the middle',
    () => write('agents.json', '{ "agents": ['),
    'data-invalid',
    'policies-invalid',
    '`agents.json`',
  ],
  [
    'lists one agent twice',
    () => write('agents.json', `{ "agents": [${AGENT}, ${AGENT}] }`),
    'data-invalid',
    'policies-invalid',
    'agents: names an agent twice',
  ],
  [
    'lists an agent that no plan could name',
    () => write('agents.json', `{ "agents": [${AGENT.replace('-', '/')}] }`),
    'data-invalid',
    'policies-invalid',
    'agents.0.id',
  ],
  [
    'has an unknown field in the protection list',
    () => write('protection.json', '{ "paths": [], "tags": [], "arnPatterns": [], "path": [] }'),
    'data-invalid',
    'policies-invalid',
    '`protection.json`',
  ],
  [
    'has a protected path without its slash',
    () => write('protection.json', '{ "paths": ["/a"], "tags": [], "arnPatterns": [] }'),
    'data-invalid',
    'policies-invalid',
    'paths.0',
  ],
  [
    'has a blast radius beyond 2^53',
    () =>
      write(
        'blast-radius.json',
        '{ "affectedPrincipalsMax": 9007199254740993, "stepsMax": 1, "resourcesMax": 1 }',
      ),
    'data-invalid',
    'policies-invalid',
    '`9007199254740993`',
  ],
  [
    'has a blast radius that says one thing twice',
    () =>
      write(
        'blast-radius.json',
        '{ "affectedPrincipalsMax": 1, "stepsMax": 1, "stepsMax": 100, "resourcesMax": 1 }',
      ),
    'data-invalid',
    'policies-invalid',
    'stepsMax',
  ],
];

describe('a policies folder', () => {
  it.each(BROKEN)('that %s does not load, and permits nothing', async (...row) => {
    const [, breakFolder, loadCode, denyCode, place] = row;
    breakFolder();

    const error = loadError();
    const answer = await loadDecisionPoint(folder).decide(request());

    expect(error.code).toBe(loadCode);
    expect(error.message).toContain(place);
    expect(answer).toMatchObject({ answer: 'deny', code: denyCode, reasons: [] });
  });

  it('that is whole permits what its policies permit', async () => {
    const pdp = loadDecisionPoint(folder);

    const answer = await pdp.decide(request());

    expect(answer).toMatchObject({ answer: 'allow', reasons: [{ id: 'iam-auditor-applies' }] });
    expect(pdp.policySetDigest).toBe(loadPolicies('policies').policySetDigest);
  });

  it('that is broken after it was loaded goes on as it was loaded', async () => {
    const pdp = loadDecisionPoint(folder);
    write('zz.cedar', 'forbid (');

    const answer = await pdp.decide(request());

    expect(answer.answer).toBe('allow');
  });

  it('that does not load is protected throughout and denies a request in doubt too', async () => {
    write('zz.cedar', 'forbid (');
    const pdp = loadDecisionPoint(folder);

    const answer = await pdp.decide(request({ removedCount: 1.5 }));

    expect(answer).toMatchObject({ answer: 'deny', code: 'request-invalid' });
    expect(pdp.protection.arnPatterns).toEqual(['*']);
    expect(pdp.blastRadius.stepsMax).toBe(0);
    expect(pdp.stats()).toEqual({ fresh: 1, reused: 0 });
  });
});
