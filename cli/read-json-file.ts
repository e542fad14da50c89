import fs from 'node:fs';
import { type JsonAllowance, parseStrictJson } from '../api/strict-json.ts';
import { InvalidInputError } from '../core/errors.ts';

/** Bytes of a plan file, at most. */
export const PLAN_FILE_BYTES_MAX = 256 * 1024;
/** Bytes of an account file, at most. */
export const ACCOUNT_FILE_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Reads and parses a JSON file that somebody named on the command line. Throws `InvalidInputError`:
 * `file-not-found`, `file-unreadable`, `file-too-large` (before it is read), `not-utf8`, and what
 * `parseStrictJson` throws.
 */
export function readJsonFile(
  path: string,
  bytesMax: number,
  allowance: JsonAllowance = {},
): unknown {
  const bytes = readBoundedFile(path, bytesMax);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InvalidInputError('not-utf8', `\`${path}\` is not UTF-8 text`, { cause });
  }
  return parseStrictJson(text, path, allowance);
}

/** The bytes of a file that somebody named; never more than `bytesMax`. */
export function readBoundedFile(path: string, bytesMax: number): Uint8Array {
  try {
    const stat = fs.statSync(path);
    if (stat.isDirectory())
      throw new InvalidInputError('file-unreadable', `\`${path}\` is a folder, not a file`);
    if (stat.size > bytesMax)
      throw new InvalidInputError(
        'file-too-large',
        `\`${path}\` has ${stat.size} bytes, above ${bytesMax}`,
      );
    return fs.readFileSync(path);
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw cause;
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): InvalidInputError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new InvalidInputError('file-not-found', `there is no file \`${path}\``, { cause });
  return new InvalidInputError('file-unreadable', `cannot read \`${path}\`: ${code}`, { cause });
}
