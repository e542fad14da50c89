const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Text that lenient readers take for the same bytes as a base64 text. */
export interface Base64Text {
  readonly name: string;
  readonly base64: string;
}

/** Every other spelling of a base64 text, above all its padding bits. */
export function* base64Texts(base64: string): Generator<Base64Text> {
  yield { name: 'base64 with a newline', base64: `${base64}\n` };
  yield { name: 'base64 with more padding', base64: `${base64}====` };
  if (!base64.endsWith('=')) return;
  const last = base64.replace(/=+$/, '').length - 1;
  const spareMax = base64.endsWith('==') ? 15 : 3;
  const sextet = LETTERS.indexOf(base64.charAt(last));
  for (let bits = 1; bits <= spareMax; bits++) {
    const letter = LETTERS.charAt(sextet + bits);
    const flipped = base64.slice(0, last) + letter + base64.slice(last + 1);
    yield { name: `base64 padding bits ${bits}`, base64: flipped };
  }
  yield { name: 'base64 without padding', base64: base64.replace(/=+$/, '') };
}
