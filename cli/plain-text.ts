// What a plan, an account file or an agent says is printed on somebody's terminal: it may neither
// move the cursor nor hide or reorder text there.

/** Controls without line feed and tab, C1 controls, and the marks that reorder or hide text. */
const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The colours and weights that this program writes itself; none hides text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with the escape
const COLOR = /(\u001b\[(?:[0-4]|2[2-4]|3[1-79]|49|9[0-7])m)/;

/** Text for a terminal: controls are replaced by `?`, colours stay where they are wanted. */
export function withoutControls(text: string, keepsColor: boolean): string {
  if (!keepsColor) return text.replace(CONTROLS, '?');
  return text
    .split(COLOR)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(CONTROLS, '?')))
    .join('');
}

/** JSON text in which those characters are escaped; it means the same. */
export function escapeControls(json: string): string {
  return json.replace(
    CONTROLS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
