import { cut, type Layout } from '../audit/layout.ts';
import type { Output } from '../output.ts';

/** A claim of the demonstration that turned out not to be so. */
export class ClaimFailedError extends Error {
  override name = 'ClaimFailedError';
}

/** Prints the demonstration, section by section; every claim in it is checked. */
export interface Stages {
  readonly layout: Layout;
  /** Begins a numbered section. */
  heading(title: string, note?: string): void;
  line(text?: string): void;
  /** Prints what was shown to hold. Throws `ClaimFailedError` where it does not hold. */
  claim(text: string, holds: boolean): void;
}

/** The stages on an output; `print` takes whole lines. */
export function openStages(output: Output, layout: Layout, print: (text: string) => void): Stages {
  const { colors, columns } = layout;
  let number = 0;
  return {
    layout,
    heading(title, note = '') {
      number += 1;
      const label = `${number}  ${title}`;
      const room = columns - label.length - 4;
      print('');
      print(colors.dim('─'.repeat(columns)));
      print(`${colors.bold(colors.cyan(label))}${colors.dim(`  ${cut(note, room)}`)}`);
      print('');
    },
    line: (text = '') => print(text),
    claim(text, holds) {
      if (holds) return print(`  ${colors.green('✓')} ${text}`);
      print(`  ${colors.red('✗')} ${colors.bold(`not so: ${text}`)}`);
      output.message('the demonstration ends here: what it wanted to show does not hold');
      throw new ClaimFailedError(text);
    },
  };
}
