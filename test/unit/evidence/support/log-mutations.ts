import { bytesOfText, hexOf, textOfBytes } from '../../../../core/evidence/bytes.ts';
import { parseStrict, strictBytes } from '../../../../core/evidence/canonical.ts';
import { base64Of, bytesOfBase64 } from '../../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../../core/evidence/node-crypto.ts';
import { base64Texts } from './base64-texts.ts';
import type { BundleText, HonestText, KeyText, LogText } from './bundle-text.ts';
import { changedValues } from './value-mutations.ts';

/** A bundle file's members with one of them changed. */
export interface TextChange {
  readonly name: string;
  readonly changed: BundleText;
}

/** Every change of the keys and of the log part: each field, each byte, each other spelling. */
export function* logChanges(text: HonestText): Generator<TextChange> {
  yield* keyChanges(text);
  const { log } = text;
  if (log === undefined) return;
  const put = (changed: unknown): BundleText => ({ ...text, log: changed });
  for (const { name, value } of changedValues(log)) {
    yield { name: `log${name}`, changed: put(value) };
  }
  for (const { name, base64 } of changedBytes(log.publicKey)) {
    yield { name: `log public key ${name}`, changed: put({ ...log, publicKey: base64 }) };
  }
  for (const { name, note } of changedNotes(log.checkpoint)) {
    yield { name: `checkpoint ${name}`, changed: put({ ...log, checkpoint: note }) };
  }
  yield* proofChanges(text, log);
  const { log: _, ...without } = text;
  yield { name: 'log dropped, entries kept', changed: without };
  const keys = text.keys.map(({ publicKey }) => ({ publicKey }));
  yield { name: 'log dropped', changed: { ...without, keys } };
  yield { name: 'entries of keys dropped', changed: { ...text, keys } };
}

function* proofChanges(text: HonestText, log: LogText): Generator<TextChange> {
  for (const [index, seal] of log.seals.entries()) {
    for (const { name, proof } of changedProofs(seal.proof)) {
      const seals = log.seals.with(index, { ...seal, proof });
      yield {
        name: `proof of seal ${index} ${name}`,
        changed: { ...text, log: { ...log, seals } },
      };
    }
    const next = log.seals[index + 1];
    if (next === undefined) continue;
    const swapped = log.seals.with(index, next).with(index + 1, seal);
    yield {
      name: `proofs of seals ${index} swapped`,
      changed: { ...text, log: { ...log, seals: swapped } },
    };
  }
  const { consistency, ...without } = log;
  if (consistency === undefined) return;
  yield { name: 'consistency dropped', changed: { ...text, log: without } };
  for (const { name, proof } of changedProofs(consistency.proof)) {
    const changed = { ...log, consistency: { ...consistency, proof } };
    yield { name: `consistency ${name}`, changed: { ...text, log: changed } };
  }
}

function* keyChanges(text: HonestText): Generator<TextChange> {
  const put = (keys: readonly unknown[]): BundleText => ({ ...text, keys });
  yield { name: 'keys all dropped', changed: put([]) };
  yield {
    name: 'key added',
    changed: put([...text.keys, { publicKey: text.log?.publicKey ?? '' }]),
  };
  for (const [index, key] of text.keys.entries()) {
    yield { name: `key ${index} dropped`, changed: put(text.keys.toSpliced(index, 1)) };
    yield { name: `key ${index} doubled`, changed: put(text.keys.toSpliced(index, 0, key)) };
    for (const { name, value } of changedValues(key)) {
      yield { name: `key ${index}${name}`, changed: put(text.keys.with(index, value as KeyText)) };
    }
    for (const { name, base64 } of changedBytes(key.publicKey)) {
      const keys = text.keys.with(index, { ...key, publicKey: base64 });
      yield { name: `key ${index} ${name}`, changed: put(keys) };
    }
    for (const { name, entry } of changedEntries(key)) {
      yield {
        name: `key ${index} ${name}`,
        changed: put(text.keys.with(index, { ...key, entry })),
      };
    }
    const next = text.keys[index + 1];
    if (next === undefined) continue;
    yield {
      name: `keys ${index} swapped`,
      changed: put(text.keys.with(index, next).with(index + 1, key)),
    };
  }
}

type Entry = NonNullable<KeyText['entry']>;

function* changedEntries({ entry }: KeyText): Generator<{ name: string; entry: Entry }> {
  if (entry === undefined) return;
  for (const { name, proof } of changedProofs(entry.proof)) {
    yield { name: `proof ${name}`, entry: { ...entry, proof } };
  }
  for (const { name, base64 } of changedBytes(entry.statement)) {
    yield { name: `statement ${name}`, entry: { ...entry, statement: base64 } };
  }
  for (const { name, value } of changedValues(parseStrict(bytesOfBase64(entry.statement)))) {
    yield {
      name: `statement${name}`,
      entry: { ...entry, statement: base64Of(strictBytes(value)) },
    };
  }
}

/** Each byte of each hash flipped; hashes dropped, doubled, swapped, added. */
function* changedProofs(
  proof: readonly string[],
): Generator<{ name: string; proof: readonly string[] }> {
  for (const [index, hash] of proof.entries()) {
    for (const { name, base64 } of changedBytes(hash)) {
      yield { name: `hash ${index} ${name}`, proof: proof.with(index, base64) };
    }
    const next = proof[index + 1];
    if (next === undefined) continue;
    yield {
      name: `hashes ${index} swapped`,
      proof: proof.with(index, next).with(index + 1, hash),
    };
  }
  const extra = base64Of(nodeCrypto.sha256(bytesOfText('extra')));
  yield { name: 'hash before', proof: [extra, ...proof] };
  yield { name: 'hash after', proof: [...proof, extra] };
  if (proof.length > 0) yield { name: 'without hashes', proof: [] };
}

function* changedBytes(base64: string): Generator<{ name: string; base64: string }> {
  const bytes = bytesOfBase64(base64);
  for (const index of bytes.keys()) {
    yield { name: `byte ${index}`, base64: base64Of(withBit(bytes, index)) };
  }
  yield { name: 'cut by a byte', base64: base64Of(bytes.slice(0, -1)) };
  yield { name: 'longer by a byte', base64: base64Of(Uint8Array.from([...bytes, 0])) };
  yield* base64Texts(base64);
  yield { name: 'as hex', base64: hexOf(bytes) };
}

/** Each byte flipped, each line dropped or doubled, and other spellings of the same three lines. */
function* changedNotes(note: string): Generator<{ name: string; note: string }> {
  const bytes = bytesOfText(note);
  for (const index of bytes.keys()) {
    const flipped = withBit(bytes, index);
    // Bytes that are not UTF-8 have no place in JSON.
    if (Buffer.from(flipped).toString('utf8').includes('\uFFFD')) continue;
    yield { name: `byte ${index}`, note: textOfBytes(flipped) };
  }
  const lines = note.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line !== '')
      yield { name: `line ${index} dropped`, note: lines.toSpliced(index, 1).join('\n') };
    if (index < 3) {
      yield { name: `line ${index} doubled`, note: lines.toSpliced(index, 0, line).join('\n') };
    }
  }
  const [origin = '', size = '', root = '', ...tail] = lines;
  const spelt = (...head: readonly string[]): string => [...head, ...tail].join('\n');
  yield { name: 'size with a zero before', note: spelt(origin, `0${size}`, root) };
  yield { name: 'size with a space', note: spelt(origin, `${size} `, root) };
  yield { name: 'with an extension line', note: spelt(origin, size, root, 'extension') };
  yield { name: 'of a size more', note: spelt(origin, String(Number(size) + 1), root) };
  yield { name: 'with carriage returns', note: note.replaceAll('\n', '\r\n') };
  yield { name: 'with a byte order mark', note: `\uFEFF${note}` };
  yield { name: 'without its last newline', note: note.slice(0, -1) };
  for (const { name, base64 } of base64Texts(root)) {
    yield { name: `root ${name}`, note: spelt(origin, size, base64) };
  }
}

/** The bytes with the lowest bit of one of them flipped. */
export function withBit(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.with(index, (bytes[index] ?? 0) ^ 1);
}
