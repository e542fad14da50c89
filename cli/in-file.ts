import { EvidenceError } from '../core/errors.ts';

/** Names the file in what is wrong with its content. */
export function inFile<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof EvidenceError) error.message = `\`${file}\`: ${error.message}`;
    throw error;
  }
}
