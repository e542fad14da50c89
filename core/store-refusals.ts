import { DecisionError, EvidenceError, HaltedError, StaleStateError } from './errors.ts';
import type { KillMode } from './ports/kill-switch.ts';

// What every store refuses, in one wording; the port `Store` says when.

/** Of an epoch that is not the transaction's current one. */
export const epochOver = (transactionId: string, epoch: number): StaleStateError =>
  new StaleStateError(`epoch ${epoch} of \`${transactionId}\` is over`);

/** Of a change that found the transaction at another cursor. */
export const movedOn = (transactionId: string): StaleStateError =>
  new StaleStateError(`\`${transactionId}\` is not where the task expects it`);

/** Of starting a dry run. */
export const startsNothing = (transactionId: string): StaleStateError =>
  new StaleStateError(`\`${transactionId}\` is a dry run`);

/** Of a second seal of one size. */
export const sealExists = (streamId: string): StaleStateError =>
  new StaleStateError(`\`${streamId}\` is sealed at that size`);

/** Of a seal by a key that another has replaced. */
export const keyReplaced = (streamId: string): EvidenceError =>
  new EvidenceError('key-replaced', `another key than this process has seals \`${streamId}\` now`, {
    hint: 'start the process again: it then has the new key',
  });

/** Of a record of a day that is over and sealed as that. */
export const streamClosed = (streamId: string): EvidenceError =>
  new EvidenceError('stream-closed', `\`${streamId}\` is closed: its day is over`, {
    hint: 'correct the clock of this host, then try again',
  });

/** Of closing a control stream that has grown meanwhile. */
export const streamGrew = (streamId: string): StaleStateError =>
  new StaleStateError(`\`${streamId}\` has more records than the seal that closes it`);

/** Of an advance from another head than the log has. */
export const logMovedOn = (fromSize: number): StaleStateError =>
  new StaleStateError(`the log is not at ${fromSize} entries`);

/** Of a node or an entry that the log must have and has not. */
export const logIncomplete = (what: string): EvidenceError =>
  new EvidenceError('log-incomplete', `the log has lost ${what}`);

/** Of a second answer to a claim. */
export const claimAnswered = (attemptId: string): StaleStateError =>
  new StaleStateError(`claim \`${attemptId}\` is answered`);

/** Of a second claim of an attempt. */
export const claimExists = (): DecisionError =>
  new DecisionError('claim-exists', 'the attempt is claimed');

/** Of a second session for a claim. */
export const claimVended = (): DecisionError =>
  new DecisionError('claim-vended', 'the claim has had its session');

/** Of going on without a lock. */
export const lockLost = (resource: string): DecisionError =>
  new DecisionError('lock-lost', `\`${resource}\` is not locked by the transaction`);

/** Of going on under the kill switch. */
export const haltedAt = (mode: KillMode): HaltedError =>
  new HaltedError(mode, `the kill switch is at \`${mode}\``);
