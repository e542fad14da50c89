import { EvidenceError } from '../../../../core/errors.ts';

/** The code of the `EvidenceError` that a call throws; `none` when it throws nothing. */
export function codeOf(call: () => unknown): string {
  try {
    call();
    return 'none';
  } catch (error) {
    if (error instanceof EvidenceError) return error.code;
    throw error;
  }
}
