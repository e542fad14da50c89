import { bytesOfText, hexOf } from '../../core/evidence/bytes.ts';
import { strictBytes } from '../../core/evidence/canonical.ts';
import type { Bundle } from '../../core/evidence/index.ts';
import { bundleBytes, leafHash, merkleRoot } from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import { testKey } from '../unit/evidence/support/draft.ts';
import type { NamedFile } from './python.ts';

const TRUST = { trustedKeyIds: [testKey.keyId] };
const STREAM = 'llm:odd';
const AT = '2026-11-25T03:00:00.000Z';
const DIGEST = '0'.repeat(64);
const EMOJI = '\u{1F600}';
const RECORD_BYTES_MAX = 256 * 1024;
const OBSERVATION = { answer: 1, port: 'clock.now', requestDigest: DIGEST };

/** Streams of one record each, rightly sealed, whose record stands at an edge of what is allowed. */
export function oddRecords(): readonly NamedFile[] {
  return [
    ...members().map(([name, text]) => fileOf(name, text)),
    ...['llm:a', `llm:${'a'.repeat(128)}`, `llm:${'a'.repeat(129)}`, 'llm:', 'llm:ä', 'run:a'].map(
      (id) => fileOf(`stream ${id.slice(0, 8)} of ${id.length}`, recordOf({ streamId: id }), id),
    ),
    ...['kill-switch', 'token-created', 'proposed'].map((kind) =>
      fileOf(`control: ${kind}`, recordOf({ kind, streamId: 'control:odd' }), 'control:odd'),
    ),
    ...['kill-switch', 'proposed', 'parked'].map((kind) =>
      fileOf(`tx: ${kind}`, recordOf({ kind, streamId: 'tx:odd' }), 'tx:odd'),
    ),
  ];
}

/** Each a name and the text of a record, its members spelt in canonical order. */
function members(): readonly (readonly [string, string])[] {
  const of = (member: string, values: readonly unknown[]): (readonly [string, string])[] =>
    values.map((value, index) => [
      `${member} ${index}: ${JSON.stringify(value)?.slice(0, 60)}`,
      recordOf({ [member]: value }),
    ]);
  const raw = (values: readonly string[]): (readonly [string, string])[] =>
    values.map((value) => [
      `data ${value.slice(0, 60)}`,
      recordOf({}).replace('"data":{}', () => `"data":${value}`),
    ]);
  return [
    ...of('at', TIMES),
    ...of('actor', ACTORS),
    ...of('kind', ['a', 'a-', '-a', 'A', 'a1', 'é', 'a\n', 'a'.repeat(64), 'a'.repeat(65)]),
    ...['epoch', 'stepIndex', 'attempt', 'seq', 'v'].flatMap((member) =>
      of(member, [0, 1, -1, '0', true, [], 2 ** 53 - 1]),
    ),
    ...of('data', [[], 'x', 0, false, nested(62), nested(63), nested(64)]),
    ...of('observations', OBSERVATIONS),
    ...raw(SPELLINGS),
    ...raw([61, 62, 63].map((levels) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`)),
    ...[0, 1].map((over) => [`${over} bytes too many`, ofSize(RECORD_BYTES_MAX + over)] as const),
  ];
}

const TIMES = [
  ...['2024-02-29', '2026-02-29', '2026-02-31', '2026-02-32', '2026-11-31', '2026-00-10'],
  ...['2026-13-01', '2026-01-00', '0000-01-01', '12026-01-01', '٢٠٢٦-01-01'],
]
  .map((day) => `${day}T03:00:00.000Z`)
  .concat(
    ['T24:00:00.000Z', 'T23:59:60.000Z', 'T23:60:00.000Z', 'T03:00:00Z', 'T03:00:00.00Z'].map(
      (time) => `2026-11-25${time}`,
    ),
    ['t03:00:00.000z', 'T03:00:00.000+00:00', ' 03:00:00.000Z', 'T03:00:00.000Z\n'].map(
      (time) => `2026-11-25${time}`,
    ),
  );

const ACTORS = [
  ...['agent:', 'agent:x', 'agent:xx', 'agent:é', 'agent:a b', 'agent:a@b.c_d-e', 'agent:xx\n'],
  ...[64, 65].map((length) => `agent:${'a'.repeat(length)}`),
  ...['operator:', 'operator: ', 'operator:a\nb', 'operator:a\rb', 'operator:a\u2028b'],
  ...['operator:a\u2029b', 'operator:a\u0085b', 'operator:a\u000bb', 'operator:a\u0000b'],
  ...[256, 257].map((length) => `operator:${'a'.repeat(length)}`),
  ...[128, 129].map((length) => `operator:${EMOJI.repeat(length)}`),
  ...['control-plane', 'control-plane\n', 'Control-plane', 'operator', '', 'human:kim'],
];

const OBSERVATIONS = [
  {},
  [OBSERVATION],
  ...['', 'a'.repeat(128), 'a'.repeat(129), EMOJI.repeat(64), EMOJI.repeat(65), ' ', 1].map(
    (port) => [{ ...OBSERVATION, port }],
  ),
  ...['A'.repeat(64), '0'.repeat(63), `${DIGEST}\n`].map((requestDigest) => [
    { ...OBSERVATION, requestDigest },
  ]),
  ...[false, '', 0, [], {}].map((answer) => [{ ...OBSERVATION, answer }]),
  [{ port: 'p', requestDigest: DIGEST }],
  [{ ...OBSERVATION, z: 1 }],
];

/** Texts of JSON; some are canonical, the rest of the bytes around them is. */
const SPELLINGS = [
  ...['9007199254740991', '9007199254740992', '-9007199254740991', '-9007199254740992', '-0'],
  ...['1e3', '1.0', '00', '01', '+1', '0x1', 'NaN', 'Infinity', '-Infinity', 'null', 'true'],
  ...[`1${'0'.repeat(400)}`, `1${'0'.repeat(5000)}`],
  ...['"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', `"${EMOJI}"`, '"\ufeff"', '"\u007f"'],
  ...[
    '"\u2028"',
    '"\\u2028"',
    '"\\u0000"',
    '"\\u001f"',
    '"\\u001F"',
    '"\\b"',
    '"\\u0008"',
    '"\\/"',
  ],
  ...['"/"', '"\\"', '"\t"', '"\u0080"', '"\\x41"', "'a'", '"\\n"', '"\\u000a"', '"e\u0301"'],
].map((value) => `{"a":${value}}`);

const KEYS: readonly (readonly [string, string])[] = [
  [EMOJI, '\ufb33'],
  ['\ufb33', EMOJI],
  ['', 'a'],
  ['a', ''],
  ['10', '9'],
  ['9', '10'],
  ['a', 'a'],
  ['__proto__', 'a'],
  ['constructor', 'toString'],
  ['B', 'a'],
];
SPELLINGS.push(...KEYS.map(([one, other]) => `{"${one}":1,"${other}":2}`));
SPELLINGS.push(
  '{"a":1,}',
  '{"a":[1,]}',
  '{"a" :1}',
  '{ "a":1}',
  '{"a":1}}',
  '{"a":/**/1}',
  '{a:1}',
);

/** The canonical text of a record with other members than usual. */
function recordOf(change: Readonly<Record<string, unknown>>): string {
  const record = { v: 1, streamId: STREAM, seq: 0, kind: 'asked', at: AT, epoch: 0 };
  const whole: Record<string, unknown> = {
    ...{ ...record, actor: 'control-plane', data: {}, observations: [] },
    ...change,
  };
  const keys = Object.keys(whole).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(whole[key])}`).join(',')}}`;
}

/** Objects within objects: so many in all. */
function nested(levels: number): unknown {
  return levels === 0 ? 1 : { a: nested(levels - 1) };
}

function ofSize(bytes: number): string {
  const pad = bytes - recordOf({ data: { a: '' } }).length;
  return recordOf({ data: { a: 'x'.repeat(pad) } });
}

/** A stream of this one record, sealed by the true key as what it claims to be. */
function fileOf(name: string, text: string, streamId: string = STREAM): NamedFile {
  const record = bytesOfText(text);
  const root = hexOf(merkleRoot(nodeCrypto, [leafHash(nodeCrypto, record)]));
  const isTransaction = streamId.startsWith('tx:');
  const statement = strictBytes({
    _type: 'https://in-toto.io/Statement/v1',
    predicate: {
      ...{ v: 1, streamId, treeSize: 1, root, at: AT },
      ...(isTransaction ? { status: 'running', final: false } : { status: 'closed', final: true }),
    },
    predicateType: 'https://interlock.dev/evidence/seal/v1',
    subject: [{ name: streamId, digest: { sha256: root } }],
  });
  const seals = [testKey.seal(statement)];
  const keys = [{ publicKey: testKey.spki }];
  const bundle: Bundle = { streamId, records: [record], seals, keys, contents: {} };
  return { name: `record: ${name}`, bytes: bundleBytes(bundle), trust: TRUST };
}
