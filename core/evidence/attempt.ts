import { EvidenceError } from '../errors.ts';

/** What a read gives, or why it was refused, in words: an `EvidenceError` is an answer here. */
export function attempt<Value extends object>(read: () => Value): Value | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof EvidenceError) return error.message;
    throw error;
  }
}
