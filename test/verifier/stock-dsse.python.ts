import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Exported, Proposed } from '../../cli/json-shapes.ts';
import { pemOf } from '../../cli/trust.ts';
import type { BundleKey } from '../../core/evidence/index.ts';
import { parseBundle } from '../../core/evidence/index.ts';
import { inFolder as inDataFolder, planFile } from '../integration/cli-folder.ts';
import { interlock, interlockJson } from '../integration/cli-process.ts';
import { inFolder, runPython } from './python.ts';

test('securesystemslib verifies what `tx export --format dsse` writes, and no change of it', () =>
  inFolder(async (folder) => {
    const [file, whole, key] = ['dsse.json', 'bundle.json', 'key.pem'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const data = ['--data', join(folder, 'data')] as const;
    await inDataFolder({ data: data[1] }, async () => undefined);
    const proposed = await interlockJson(Proposed, [
      'tx',
      'propose',
      planFile('detach-legacy'),
      ...data,
    ]);
    const { id } = proposed.value.transaction;
    const exporting = ['tx', 'export', id, '--format', 'dsse', '--out', file, ...data];
    const { value } = await interlockJson(Exported, exporting);
    await interlock(['tx', 'export', id, '--out', whole, ...data]);
    const [{ publicKey }] = parseBundle(readFileSync(whole)).keys as [BundleKey];
    writeFileSync(key, pemOf(publicKey));

    const verified = await runPython('stock_dsse.py', file, key);
    const envelope = JSON.parse(readFileSync(file, 'utf8')) as Envelope;
    const refused = [];
    for (const changed of changesOf(envelope)) {
      writeFileSync(file, JSON.stringify(changed));
      refused.push((await runPython('stock_dsse.py', file, key)).code);
    }

    expect({ code: verified.code, stderr: verified.stderr }).toEqual({ code: 0, stderr: '' });
    const statement = JSON.parse(verified.stdout) as Statement;
    expect(statement._type).toBe('https://in-toto.io/Statement/v1');
    expect(statement.subject[0]?.name).toBe(value.streamId);
    expect(statement.predicate.treeSize).toBe(value.records);
    expect(refused).toEqual([1, 1, 1]);
  }));

interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly [{ readonly keyid: string; readonly sig: string }];
}

interface Statement {
  readonly _type: string;
  readonly subject: readonly { readonly name: string }[];
  readonly predicate: { readonly treeSize: number };
}

/** One bit changed in the statement, in the signature, and another payload type. */
function changesOf(envelope: Envelope): readonly Envelope[] {
  const [{ keyid, sig }] = envelope.signatures;
  return [
    { ...envelope, payload: withBit(envelope.payload, 100) },
    { ...envelope, signatures: [{ keyid, sig: withBit(sig, 20) }] },
    { ...envelope, payloadType: 'application/json' },
  ];
}

function withBit(base64: string, index: number): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString('base64');
}
