import { bytesOfText } from '../../../../core/evidence/bytes.ts';
import { base64Of } from '../../../../core/evidence/index.ts';
import { base64Texts } from './base64-texts.ts';

/** Another text for a record: the same value spelt otherwise, or damaged bytes. */
export interface RecordText {
  readonly name: string;
  readonly base64: string;
}

const BITS_EVERY_BYTES = 61;

/** Every other text that is made of a record's bytes. */
export function* recordTexts(bytes: Uint8Array): Generator<RecordText> {
  const text = new TextDecoder().decode(bytes);
  const spellings: Readonly<Record<string, string>> = {
    'space within': text.replace(':', ': '),
    'space after': `${text} `,
    'newline after': `${text}\n`,
    'byte order mark': `\uFEFF${text}`,
    indented: JSON.stringify(JSON.parse(text), null, 2),
    'other key order': text.replace(/^\{(.*),"v":1\}$/, '{"v":1,$1}'),
    'doubled key': text.replace(/"v":1\}$/, '"v":1,"v":1}'),
    'number 1.0': text.replace(/"v":1\}$/, '"v":1.0}'),
    'number 1e0': text.replace(/"v":1\}$/, '"v":1e0}'),
    'escaped letter': text.replace('"actor":"', '"actor":"\\u0061').replace('\\u0061a', '\\u0061'),
    'cut by a byte': text.slice(0, -1),
    'null member': text.replace(/"v":1\}$/, '"v":1,"w":null}'),
    empty: '',
  };
  for (const [name, spelling] of Object.entries(spellings)) {
    if (spelling !== text) yield { name, base64: base64Of(bytesOfText(spelling)) };
  }
  for (let at = 0; at < bytes.length; at += BITS_EVERY_BYTES) {
    const flipped = bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 8)));
    yield { name: `bit of byte ${at}`, base64: base64Of(flipped) };
  }
  yield* base64Texts(base64Of(bytes));
}
