import { bytesOfText } from '../../core/evidence/bytes.ts';
import { parseStrict, strictBytes } from '../../core/evidence/canonical.ts';
import type { Bundle, BundleLog } from '../../core/evidence/index.ts';
import {
  base64Of,
  bundleBytes,
  inclusionProof,
  keyStatement,
  leafHash,
  openEnvelope,
} from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import { bundleOf, testKey } from '../unit/evidence/support/draft.ts';
import { makeKey } from '../unit/evidence/support/key.ts';
import { logged, logKey, noteOf } from '../unit/evidence/support/log.ts';
import { rejectedDraft, resolvedDraft } from '../unit/evidence/support/story.ts';
import { changedValues } from '../unit/evidence/support/value-mutations.ts';
import type { NamedFile } from './python.ts';

type Bytes = Uint8Array;

const TRUST = { trustedKeyIds: [logKey.keyId] };
const NOTE_UNITS_MAX = 131_072;
const AT = '2026-11-25T03:00:00.000Z';
const KEY_ID = Buffer.from(logKey.keyId, 'hex').subarray(0, 4);

/** Bundles whose log part its owner has signed, and that stands at an edge of what is allowed. */
export function oddLogs(): readonly NamedFile[] {
  const { bundle } = logged(bundleOf(rejectedDraft()));
  const log = bundle.log as BundleLog;
  const put = (name: string, checkpoint: string): NamedFile => ({
    name: `checkpoint: ${name}`,
    bytes: bundleBytes({ ...bundle, log: { ...log, checkpoint } }),
    trust: TRUST,
  });
  return [
    ...oddTexts(log.checkpoint).map(([name, text]) => put(name, signed(text))),
    ...oddSignatures(log.checkpoint).map(([name, note]) => put(name, note)),
    ...oddPlaces().map(([name, changed]) => ({
      name: `places: ${name}`,
      bytes: bundleBytes(changed),
      trust: TRUST,
    })),
    ...[...oddEntries()].map(([name, entry]) => withEntry(`key entry ${name}`, entry)),
  ];
}

/** What the log's key signs, right or not. */
function oddTexts(note: string): readonly (readonly [string, string])[] {
  const [origin = '', size = '', root = ''] = note.split('\n');
  const text = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  const short = base64Of(Buffer.from(root, 'base64').subarray(1));
  return [
    ['as it is', text(origin, size, root)],
    ['with an extension', text(origin, size, root, 'extension')],
    ['with an empty line', text(origin, size, root, '')],
    ['without its root', text(origin, size)],
    ['without its last newline', `${origin}\n${size}\n${root}`],
    ...['0', `0${size}`, `+${size}`, `${size}.0`, `${size} `, '1e1', '-1', '', '٩'].map(
      (one) => [`of size ${one}`, text(origin, one, root)] as const,
    ),
    ...['9007199254740991', '9007199254740992', '99999999999999999999'].map(
      (one) => [`of size ${one}`, text(origin, one, root)] as const,
    ),
    ...[short, root.slice(0, -1), `${root} `, '', `${root}=`].map(
      (one) => [`of root ${one}`, text(origin, size, one)] as const,
    ),
    ...[origin.toUpperCase(), `${origin} `, origin.slice(0, -1), 'example.com/log', ''].map(
      (one) => [`of origin ${one}`, text(one, size, root)] as const,
    ),
    ['with carriage returns', text(`${origin}\r`, `${size}\r`, `${root}\r`)],
  ];
}

/** The true text under other signature lines. */
function oddSignatures(note: string): readonly (readonly [string, string])[] {
  const [origin = '', size = '', root = '', , own = ''] = note.split('\n');
  const notes = (...lines: readonly string[]): string =>
    `${origin}\n${size}\n${root}\n\n${lines.map((line) => `${line}\n`).join('')}`;
  const again = signed(`${origin}\n${size}\n${root}\n`).split('\n')[4] ?? '';
  const by = (name: string, bytes: Uint8Array): string => `\u2014 ${name} ${base64Of(bytes)}`;
  const other = by('witness', Buffer.from([1, 2, 3, 4, 5]));
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['no line', []],
    ['another line alone', [other]],
    ['the line twice', [own, own]],
    ['two signatures', [own, again]],
    ['a false one after', [own, by(origin, Buffer.from([...KEY_ID, 1]))]],
    ['a false one before', [by(origin, Buffer.from([...KEY_ID, 1])), own]],
    ['our name, another key', [own, by(origin, Buffer.from([9, 9, 9, 9, 1]))]],
    ['our key, another name', [own, by('witness', Buffer.from([...KEY_ID, 1]))]],
    ['16 lines', [own, ...Array.from({ length: 15 }, () => other)]],
    ['17 lines', [own, ...Array.from({ length: 16 }, () => other)]],
    ['an empty line', [own, '']],
    ['4 bytes', [own, by('witness', Buffer.from([1, 2, 3, 4]))]],
    ['no bytes', [own, '\u2014 witness ']],
    ['no base64', [own, '\u2014 witness AQIDBAU']],
    ['base64 with spare bits', [own, '\u2014 witness AQIDBAV=']],
    ['no name', [own, '\u2014  AQIDBAU=']],
    ['a hyphen', [own, '- witness AQIDBAU=']],
    ['an en dash', [own, '\u2013 witness AQIDBAU=']],
    ['two spaces', [own, '\u2014 witness  AQIDBAU=']],
    ['a space after', [own, '\u2014 witness AQIDBAU= ']],
    ...NAMES.map((name) => [`name ${JSON.stringify(name)}`, [own, by(name, KEY_ID_1)]] as const),
    ...[0, 1].map((over) => [`${over} units too many`, [own, ofUnits(note, over)]] as const),
  ];
  return lines.map(([name, signatures]) => [name, notes(...signatures)]);
}

const KEY_ID_1 = Buffer.from([1, 2, 3, 4, 5]);
const NAMES = [
  ...['a+b', 'a b', 'a\u00a0b', 'a\u0085b', 'a\ufeffb', 'a\u3000b', 'a\u2028b', 'a\u200bb'],
  ...['a\u180eb', 'a\tb', 'a\u0000b', 'a\u001fb', 'a\u007fb', 'ü', '\u{1F600}', 'a\u2014b'],
  'a\u1680b',
];

/** A line that makes a note as long as it may be, or a unit longer. */
function ofUnits(note: string, over: number): string {
  const tail = ' AQIDBAU=';
  return `\u2014 ${'w'.repeat(NOTE_UNITS_MAX - note.length - tail.length - 3 + over)}${tail}`;
}

function signed(text: string): string {
  const signature = Buffer.concat([KEY_ID, logKey.sign(bytesOfText(text))]);
  const [origin] = noteOf([]).split('\n');
  return `${text}\n\u2014 ${origin} ${base64Of(signature)}\n`;
}

/** Logs whose true proofs show keys and seals in another order. */
function oddPlaces(): readonly (readonly [string, Bundle])[] {
  const bundle = bundleOf(resolvedDraft());
  const [first, second] = bundle.seals.map((seal) => openEnvelope(seal).statement) as [
    Bytes,
    Bytes,
  ];
  const key = keyStatement({ keyId: testKey.keyId, publicKey: testKey.spki, at: AT });
  const of = (...order: readonly Bytes[]): Bundle => {
    const at = (entry: Bytes): number => order.indexOf(entry);
    return placed(bundle, order, { key: at(key), seals: [at(first), at(second)] });
  };
  return [
    ['key, seals', of(key, first, second)],
    ['seal, key, seal', of(first, key, second)],
    ['seals, key', of(first, second, key)],
    ['key, seals swapped', of(key, second, first)],
  ];
}

/** Entries of the key that seals, each changed in one place. */
function* oddEntries(): Generator<readonly [string, Bytes]> {
  const { keyId, spki: publicKey } = testKey;
  const at = AT;
  const stranger = makeKey();
  const other = stranger.keyId;
  const entry = keyStatement({ keyId, publicKey, at });
  yield ['as it is', entry];
  yield ['that replaces another', keyStatement({ keyId, publicKey, at, replaces: other })];
  const value = parseStrict(entry) as { readonly predicate: object };
  for (const replaces of [keyId, 'x', other.toUpperCase(), 1]) {
    const predicate = { ...value.predicate, replaces };
    yield [`that replaces ${replaces}`, strictBytes({ ...value, predicate })];
  }
  const predicate = { ...value.predicate, publicKey: base64Of(stranger.spki) };
  yield ['with the key of another', strictBytes({ ...value, predicate })];
  yield ['of another key', keyStatement({ keyId: other, publicKey: stranger.spki, at })];
  for (const { name, value: changed } of changedValues(value)) {
    yield [name, strictBytes(changed)];
  }
  yield ['with a space', bytesOfText(`${Buffer.from(entry).toString()} `)];
  yield ['of a seal', openEnvelope(bundleOf(rejectedDraft()).seals[0] as never).statement];
}

/** The bundle of a log that has this entry before the seal. */
function withEntry(name: string, entry: Bytes): NamedFile {
  const bundle = bundleOf(rejectedDraft());
  const statements = bundle.seals.map((seal) => openEnvelope(seal).statement);
  const logged = placed(bundle, [entry, ...statements], { key: 0, seals: [1] });
  return { name, bytes: bundleBytes(logged), trust: TRUST };
}

/** A bundle in a log of these entries, with its key and its seals at these places. */
function placed(
  bundle: Bundle,
  entries: readonly Bytes[],
  at: { readonly key: number; readonly seals: readonly number[] },
): Bundle {
  const leaves = entries.map((one) => leafHash(nodeCrypto, one));
  const place = (position: number) => ({
    position,
    proof: inclusionProof(nodeCrypto, leaves, position),
  });
  const statement = entries[at.key] as Bytes;
  return {
    ...bundle,
    keys: [{ publicKey: testKey.spki, entry: { ...place(at.key), statement } }],
    log: { publicKey: logKey.spki, checkpoint: noteOf(leaves), seals: at.seals.map(place) },
  };
}
