import { describe, expect, test } from '@jest/globals';
import { openOutput } from '../../../cli/output.ts';
import { reportError } from '../../../cli/report-error.ts';
import { InvariantError, NotFoundError } from '../../../core/errors.ts';

const ESCAPE = '\u001b';

function capture({ isTTY = false, isJson = false, environment = {} } = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const output = openOutput({
    isJson,
    stdout: { isTTY, write: (text) => out.push(text) },
    stderr: { isTTY, write: (text) => err.push(text) },
    environment,
  });
  return { output, stdout: () => out.join(''), stderr: () => err.join('') };
}

describe('output', () => {
  test('colours on a terminal', () => {
    const { output, stdout } = capture({ isTTY: true });

    output.print({}, () => output.colors.red('no'));

    expect(stdout()).toBe(`${ESCAPE}[31mno${ESCAPE}[39m\n`);
  });

  test.each([
    ['piped', { isTTY: false }],
    ['under NO_COLOR', { isTTY: true, environment: { NO_COLOR: '1' } }],
    ['on a dumb terminal', { isTTY: true, environment: { TERM: 'dumb' } }],
  ])('has no escape sequence %s', (_, options) => {
    const { output, stdout, stderr } = capture(options);

    output.print({}, () => output.colors.red('no'));
    output.message(output.messageColors.red('no'));

    expect(stdout() + stderr()).toBe('no\nno\n');
  });

  test.each([
    ['moves the cursor', `${ESCAPE}[2J${ESCAPE}[H`],
    ['hides text', `${ESCAPE}[8m`],
    ['sets the title', `${ESCAPE}]0;x\u0007`],
    ['uses C1 controls', '\u009b2J'],
    ['goes back', 'no\ryes'],
    ['reorders text', 'a\u202eb'],
    ['has no width', 'a\u200bb'],
  ])('takes out what %s, on a terminal too', (_, text) => {
    for (const isTTY of [true, false]) {
      const { output, stdout, stderr } = capture({ isTTY });

      output.print({}, () => text);
      output.message(text);

      expect(stdout()).toContain('?');
      expect(stdout() + stderr()).not.toMatch(
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these must be gone
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/,
      );
    }
  });

  test('prints JSON that is the same value, with controls escaped', () => {
    const value = { text: `${ESCAPE}[2J\u009b\u202e\n\u00e9` };
    const { output, stdout } = capture({ isJson: true });

    output.print(value, () => 'not this');

    expect(JSON.parse(stdout())).toEqual(value);
    expect(stdout()).not.toMatch(/[\u009b\u202e]/);
  });
});

describe('errors', () => {
  test('have message, code and hint on stderr', () => {
    const { output, stdout, stderr } = capture();

    reportError(output, new NotFoundError('transaction-not-found', 'no such', { hint: 'look' }));

    expect(stderr()).toBe('error: no such [transaction-not-found]\nhint: look\n');
    expect(stdout()).toBe('');
  });

  test('are one line of JSON with --json', () => {
    const { output, stdout, stderr } = capture({ isJson: true });

    reportError(output, new NotFoundError('transaction-not-found', 'no such'));

    expect(stderr().trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stderr())).toEqual({
      error: { code: 'transaction-not-found', message: 'no such' },
    });
    expect(stdout()).toBe('');
  });

  test.each([
    [new InvariantError('lease must be held'), 'invariant'],
    [new TypeError('x is not a function\n    at somewhere'), 'unexpected'],
    ['a text', 'unexpected'],
  ])('say of %p that it is a defect, without a stack', (error, code) => {
    const { output, stderr } = capture();

    reportError(output, error);

    expect(stderr()).toContain('defect of interlock');
    expect(stderr()).toContain(`[${code}]`);
    expect(stderr()).not.toMatch(/^\s+at /m);
  });
});
