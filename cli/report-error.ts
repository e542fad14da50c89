import { InterlockError, InvariantError } from '../core/errors.ts';
import type { Output } from './output.ts';

/** An error as `--json` prints it. */
export interface ErrorReport {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** Prints an error for a person or a program, on stderr, without a stack. */
export function reportError(output: Output, error: unknown): void {
  const report = errorReport(error);
  if (output.isJson) {
    output.message(JSON.stringify(report));
    return;
  }
  const { code, message, hint } = report.error;
  const { red, dim } = output.messageColors;
  output.message(`${red('error:')} ${message} ${dim(`[${code}]`)}`);
  if (hint !== undefined) output.message(`${dim('hint:')} ${hint}`);
}

/** The stable form of an error. What Interlock did not throw on purpose is a defect, and says so. */
export function errorReport(error: unknown): ErrorReport {
  if (error instanceof InterlockError && !(error instanceof InvariantError)) {
    const { code, message, hint } = error;
    return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
  const code = error instanceof InvariantError ? error.code : 'unexpected';
  const message = error instanceof Error ? error.message : String(error);
  return {
    error: {
      code,
      message: `defect of interlock: ${firstLine(message)}`,
      hint: 'nothing is lost: `interlock resume` goes on; please report code and message',
    },
  };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
