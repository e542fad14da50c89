import { bytesOfText, hexOf, textOfBytes } from '../../core/evidence/bytes.ts';
import { parseStrict } from '../../core/evidence/canonical.ts';
import type { Bundle, BundleKey, BundleLog, EvidenceRecord } from '../../core/evidence/index.ts';
import {
  bundleBytes,
  leafHash,
  merkleRoot,
  openEnvelope,
  recordBytes,
  sealStatement,
  verifyBundle,
} from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import type { TestKey } from '../unit/evidence/support/key.ts';
import { makeKey } from '../unit/evidence/support/key.ts';
import { logged } from '../unit/evidence/support/log.ts';

const STREAM_ID = 'control:2026-11-25';

/** The fenced blocks of docs/evidence-format.md by name, all of one bundle. */
export function formatExamples(): Readonly<Record<string, string>> {
  const { bundle, pinned } = logged(sealedDay(makeKey()), { key: makeKey(), after: 2 });
  return examplesOf(bundle, pinned);
}

/** The blocks of a bundle, and of a checkpoint that its reader has from before. */
export function examplesOf(bundle: Bundle, pinned: string): Readonly<Record<string, string>> {
  const [record = new Uint8Array()] = bundle.records;
  const leaves = bundle.records.map((bytes) => leafHash(nodeCrypto, bytes));
  const [envelope] = bundle.seals;
  const { statement } = openEnvelope(envelope);
  const { entry } = bundle.keys[0] as BundleKey & Required<Pick<BundleKey, 'entry'>>;
  const log = bundle.log as BundleLog;
  const logKeyId = hexOf(nodeCrypto.sha256(log.publicKey));
  return {
    record: indented(parseStrict(record)),
    leaves: lines([...leaves, merkleRoot(nodeCrypto, leaves)].map(hexOf)),
    statement: indented(parseStrict(statement)),
    envelope: indented(envelope),
    key: indented(parseStrict(entry.statement)),
    entries: lines([entry.statement, statement].map((one) => hexOf(leafHash(nodeCrypto, one)))),
    checkpoint: log.checkpoint,
    pinned,
    bundle: textOfBytes(bundleBytes(bundle)),
    verdict: indented(verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [] })),
    trusted: indented(
      verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [logKeyId], checkpoint: pinned }),
    ),
  };
}

/** A day of the control stream, of two records. */
function sealedDay(key: TestKey): Bundle {
  const records = [
    { mode: 'halt', reason: 'drill', scope: 'all' },
    { mode: 'running', reason: 'drill is over', scope: 'all' },
  ].map((data, seq): Uint8Array => {
    const at = `2026-11-25T03:00:0${seq}.000Z`;
    const place: EvidenceRecord = {
      ...{ v: 1, streamId: STREAM_ID, seq, kind: 'kill-switch', at, epoch: 0 },
      ...{ actor: 'operator:kim', data, observations: [] },
    };
    return recordBytes(place);
  });
  const leaves = records.map((bytes) => leafHash(nodeCrypto, bytes));
  const seal = key.seal(
    sealStatement({
      ...{ v: 1, streamId: STREAM_ID, treeSize: records.length, status: 'closed', final: true },
      ...{ root: hexOf(merkleRoot(nodeCrypto, leaves)), at: '2026-11-26T00:00:00.000Z' },
    }),
  );
  const content = bytesOfText('{"policies":[]}');
  const contents = { [hexOf(nodeCrypto.sha256(content))]: content };
  const keys = [{ publicKey: key.spki }];
  return { streamId: STREAM_ID, records, seals: [seal], keys, contents };
}

/** Sorted as RFC 8785 sorts, indented for people. */
function indented(value: unknown): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}
