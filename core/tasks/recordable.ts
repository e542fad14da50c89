import { InvalidInputError } from '../errors.ts';
import { type Observation, RECORD_BYTES_MAX } from '../evidence/record.ts';
import { canonicalText } from '../hash.ts';
import type { PreparedStep } from '../transaction.ts';
import type { Timing } from './ports.ts';

/** Bytes of an answer for one of a document: IAM sends documents percent-encoded (RFC 3986). */
const ANSWER_FACTOR = 3;
/** Different answers that one settled read may go through while the target replicates. */
const ANSWERS_MAX = 4;
/** Bytes of a record besides states and reads. */
const OTHER_BYTES_MAX = 16 * 1024;

/**
 * Refuses at preflight a step whose states would not fit into the records after its effect, state
 * and reads together: it could be neither verified nor compensated. Throws `InvalidInputError`
 * (`state-too-large`).
 */
export function requireRecordable(
  { settleMs }: Pick<Timing, 'settleMs'>,
  { before, predicted }: Pick<PreparedStep, 'before' | 'predicted'>,
  observations: readonly Observation[],
): void {
  const beforeBytes = bytesOf(before);
  const stateBytes = Math.max(beforeBytes, bytesOf(predicted));
  const answers = settleMs === 0 ? 1 : ANSWERS_MAX;
  const aroundBytes = Math.max(0, bytesOf(observations) - ANSWER_FACTOR * beforeBytes);
  const recordBytes =
    stateBytes + answers * (ANSWER_FACTOR * stateBytes + aroundBytes) + OTHER_BYTES_MAX;
  if (recordBytes <= RECORD_BYTES_MAX) return;
  throw new InvalidInputError(
    'state-too-large',
    `a state of ${stateBytes} bytes does not fit into the records of the step`,
    { hint: 'take white space out of the policy document' },
  );
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(canonicalText(value));
}
