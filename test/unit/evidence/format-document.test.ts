import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { bytesOfText, hexOf } from '../../../core/evidence/bytes.ts';
import { strictBytes } from '../../../core/evidence/canonical.ts';
import {
  CONTROL_RECORD_KINDS,
  openCheckpoint,
  parseBundle,
  parseKeyStatement,
  parseRecord,
  parseSeal,
  TRANSACTION_RECORD_KINDS,
  verifyBundle,
} from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { examplesOf, formatExamples } from '../../evidence/format-examples.ts';

const DOCUMENT = readFileSync('docs/evidence-format.md', 'utf8');

/** The text of a fenced block by its name. */
function block(name: string): string {
  const found = new RegExp(`^\`\`\`\\w+ ${name}\\n([^]*?)^\`\`\`$`, 'm').exec(DOCUMENT);
  return found?.[1] ?? '';
}

describe('the examples in docs/evidence-format.md', () => {
  const bundle = parseBundle(bytesOfText(block('bundle')));
  const names = Object.keys(formatExamples());

  it('are all of the bundle that is shown', () => {
    const examples = examplesOf(bundle, block('pinned'));
    const named = [...DOCUMENT.matchAll(/^```\w+ (\w+)$/gm)].map(([, name]) => name);

    expect(named.sort()).toEqual(names.sort());
    for (const [name, example] of Object.entries(examples)) {
      expect(`${name}\n${block(name)}`).toBe(`${name}\n${example}`);
    }
  });

  it('are read by the code', () => {
    const key = parseKeyStatement(strictBytes(JSON.parse(block('key'))));
    const log = bundle.log?.publicKey ?? new Uint8Array();

    expect(parseRecord(strictBytes(JSON.parse(block('record')))).kind).toBe('kill-switch');
    expect(parseSeal(strictBytes(JSON.parse(block('statement')))).treeSize).toBe(2);
    expect(hexOf(nodeCrypto.sha256(key.publicKey))).toBe(key.keyId);
    expect(openCheckpoint(nodeCrypto, block('checkpoint'), log).size).toBe(9);
    expect(openCheckpoint(nodeCrypto, block('pinned'), log).size).toBe(3);
  });

  it('show a bundle that is ok to who trusts its log, and to nobody else', () => {
    const trusted = JSON.parse(block('trusted'));
    const alone = JSON.parse(block('verdict'));

    expect([trusted.ok, alone.ok]).toEqual([true, false]);
    expect(alone.signer.ok).toBe('unknown');
    expect(verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [], trustEmbeddedKey: true }).ok).toBe(
      true,
    );
  });

  it('name only kinds that exist', () => {
    const table = DOCUMENT.slice(DOCUMENT.indexOf('## Kinds'));
    const named = [...table.matchAll(/^\| `([a-z-]+)` +\|/gm)].map((match) => match[1]);

    expect(named.length).toBe(17);
    for (const kind of named) {
      expect([...TRANSACTION_RECORD_KINDS, ...CONTROL_RECORD_KINDS]).toContain(kind);
    }
  });
});
