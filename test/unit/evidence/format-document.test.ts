import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { bytesOfText, hexOf } from '../../../core/evidence/bytes.ts';
import { strictBytes } from '../../../core/evidence/canonical.ts';
import {
  CONTROL_RECORD_KINDS,
  leafHash,
  merkleRoot,
  nodeCrypto,
  openEnvelope,
  parseBundle,
  parseRecord,
  parseSeal,
  TRANSACTION_RECORD_KINDS,
  verifyBundle,
} from '../../../core/evidence/index.ts';

const DOCUMENT = readFileSync('docs/evidence-format.md', 'utf8');

/** The text of a fenced block by its name. */
function block(name: string): string {
  const found = new RegExp(`^\`\`\`\\w+ ${name}\\n([^]*?)^\`\`\`$`, 'm').exec(DOCUMENT);
  return found?.[1] ?? '';
}

describe('the examples in docs/evidence-format.md', () => {
  const bundle = parseBundle(bytesOfText(block('bundle')));
  const record = strictBytes(JSON.parse(block('record')));
  const statement = strictBytes(JSON.parse(block('statement')));

  it('show the first record of the bundle, its leaves and its root', () => {
    const leaves = bundle.records.map((bytes) => leafHash(nodeCrypto, bytes));
    const root = merkleRoot(nodeCrypto, leaves);

    expect(bundle.records[0]).toEqual(record);
    expect(parseRecord(record).kind).toBe('kill-switch');
    expect(block('leaves')).toBe(`${[...leaves, root].map(hexOf).join('\n')}\n`);
    expect(parseSeal(statement).root).toBe(hexOf(root));
  });

  it('show the seal of the bundle', () => {
    const envelope = JSON.parse(block('envelope'));

    expect(bundle.seals).toEqual([envelope]);
    expect(openEnvelope(envelope).statement).toEqual(statement);
  });

  it('show the verdict', () => {
    const verdict = verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [] });

    expect(verdict).toEqual(JSON.parse(block('verdict')));
    expect(verdict.signer.ok).toBe('unknown');
    expect(verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [], trustEmbeddedKey: true }).ok).toBe(
      true,
    );
  });

  it('name only kinds that exist', () => {
    const table = DOCUMENT.slice(DOCUMENT.indexOf('## Kinds'));
    const named = [...table.matchAll(/^\| `([a-z-]+)` +\|/gm)].map((match) => match[1]);

    expect(named.length).toBe(14);
    for (const kind of named) {
      expect([...TRANSACTION_RECORD_KINDS, ...CONTROL_RECORD_KINDS]).toContain(kind);
    }
  });
});
