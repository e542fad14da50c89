import { EvidenceError } from '../../../../core/errors.ts';
import { bytesOfText } from '../../../../core/evidence/bytes.ts';
import { strictBytes } from '../../../../core/evidence/canonical.ts';
import type { Bundle, Trust } from '../../../../core/evidence/index.ts';
import {
  base64Of,
  parseBundle,
  parseRecord,
  verifyBundle,
} from '../../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../../core/evidence/node-crypto.ts';
import type { BundleText, HonestText } from './bundle-text.ts';
import { bundleText, fileOf } from './bundle-text.ts';
import type { TextChange } from './log-mutations.ts';
import { logChanges } from './log-mutations.ts';
import { recordTexts } from './record-texts.ts';
import { sealMutations } from './seal-mutations.ts';
import { changedValues } from './value-mutations.ts';

/** A bundle file that differs from the honest one. */
export interface Mutation {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What a reader learns of a bundle file. */
export interface FileVerdict {
  readonly ok: boolean;
  readonly reason: string;
}

/** Reads and verifies a bundle file; a file that does not parse is refused with its code. */
export function verdictOf(bytes: Uint8Array, trust: Trust): FileVerdict {
  try {
    const { ok, ...checks } = verifyBundle(nodeCrypto, parseBundle(bytes), trust);
    const bad = Object.entries(checks).find(([, check]) => check.ok !== true);
    return { ok, reason: bad === undefined ? 'verified' : `${bad[0]}: ${bad[1].reason}` };
  } catch (error) {
    if (error instanceof EvidenceError) return { ok: false, reason: error.code };
    throw error;
  }
}

/**
 * Every file that somebody without the key could make of a bundle by one change: each field of each
 * record, statement and envelope; records and seals dropped, swapped, doubled or cut off; other
 * spellings of the same values; other keys and signatures. Each differs from the honest file.
 */
export function* mutateBundle(bundle: Bundle): Generator<Mutation> {
  const text = bundleText(bundle);
  for (const { name, changed } of changesOf(bundle, text)) yield { name, bytes: fileOf(changed) };
  yield* fileMutations(text);
}

function* changesOf(bundle: Bundle, text: HonestText): Generator<TextChange> {
  yield* recordChanges(bundle, text);
  yield* listChanges('record', text.records, (records) => ({ ...text, records }));
  yield* listChanges('seal', text.seals, (seals) => ({ ...text, seals }));
  yield* truncations(text);
  for (const { name, seals, keys } of sealMutations(bundle)) {
    yield { name, changed: { ...text, seals, ...(keys === undefined ? {} : { keys }) } };
  }
  yield* logChanges(text);
  yield { name: 'stream id', changed: { ...text, streamId: `${text.streamId}x` } };
  for (const contents of ['none', [], { policies: 'AAAA' }, { ['0'.repeat(64)]: 'AAAA' }]) {
    yield { name: `contents ${JSON.stringify(contents)}`, changed: { ...text, contents } };
  }
}

function* recordChanges(bundle: Bundle, text: HonestText): Generator<TextChange> {
  for (const [index, bytes] of bundle.records.entries()) {
    const place = `record ${index}`;
    const put = (record: string): BundleText => ({
      ...text,
      records: text.records.with(index, record),
    });
    for (const { name, value } of changedValues(parseRecord(bytes))) {
      yield { name: `${place} ${name}`, changed: put(base64Of(strictBytes(value))) };
    }
    for (const { name, base64 } of recordTexts(bytes)) {
      yield { name: `${place} ${name}`, changed: put(base64) };
    }
  }
}

function* listChanges<Element>(
  what: string,
  list: readonly Element[],
  put: (list: readonly Element[]) => BundleText,
): Generator<TextChange> {
  for (const [index, element] of list.entries()) {
    const place = `${what} ${index}`;
    yield { name: `${place} dropped`, changed: put(list.toSpliced(index, 1)) };
    yield { name: `${place} doubled`, changed: put(list.toSpliced(index, 0, element)) };
    const next = list[index + 1];
    if (next === undefined) continue;
    yield {
      name: `${place} swapped`,
      changed: put(list.with(index, next).with(index + 1, element)),
    };
  }
  yield { name: `${what}s all dropped`, changed: put([]) };
}

function* truncations(text: HonestText): Generator<TextChange> {
  for (let size = 1; size < text.records.length; size++) {
    const records = text.records.slice(0, size);
    yield { name: `cut to ${size} records`, changed: { ...text, records } };
    for (let kept = 0; kept < text.seals.length; kept++) {
      const seals = text.seals.slice(0, kept);
      yield { name: `cut to ${size} records, ${kept} seals`, changed: { ...text, records, seals } };
    }
  }
}

/** The same content in another spelling: one content has one file. */
function* fileMutations(text: BundleText): Generator<Mutation> {
  const file = new TextDecoder().decode(fileOf(text));
  const spellings: Readonly<Record<string, string>> = {
    'no newline': file.trimEnd(),
    'two newlines': `${file}\n`,
    'carriage return': file.replace('\n', '\r\n'),
    'leading space': ` ${file}`,
    'byte order mark': `\uFEFF${file}`,
    'space within': file.replace('{', '{ '),
    'other key order': file.replace(/^\{(.*),"v":2\}/, '{"v":2,$1}'),
    'doubled key': file.replace('"v":2}', '"v":2,"v":2}'),
    'unknown key': file.replace('"v":2}', '"v":2,"w":1}'),
    'version 1': file.replace('"v":2}', '"v":1}'),
    'version 3': file.replace('"v":2}', '"v":3}'),
    'version 2.0': file.replace('"v":2}', '"v":2.0}'),
    'version as text': file.replace('"v":2}', '"v":"2"}'),
    'no version': file.replace(',"v":2}', '}'),
    'escaped letter': file.replace(/"streamId":"(.)/, (_, letter: string) => {
      return `"streamId":"\\u00${letter.charCodeAt(0).toString(16)}`;
    }),
    'no contents': file.replace(/^\{"contents":\{[^}]*\},/, '{'),
    'contents as before': file.replace('{"contents"', '{"decisions"'),
    'cut in half': file.slice(0, file.length / 2),
    empty: '',
  };
  for (const [name, spelling] of Object.entries(spellings)) {
    yield { name: `file with ${name}`, bytes: bytesOfText(spelling) };
  }
}
