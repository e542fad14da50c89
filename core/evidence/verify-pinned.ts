import type { Crypto } from '../ports/crypto.ts';
import { attempt } from './attempt.ts';
import { areEqual } from './bytes.ts';
import type { Check } from './check.ts';
import { failed, passed, unknown } from './check.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { LogChain } from './log-chain.ts';
import { merkleRoot } from './merkle.ts';
import { verifyConsistency } from './proof.ts';
import type { Trust } from './trust.ts';

type WholeLog = LogChain & { readonly state: 'whole' };

/** Whether the bundle's checkpoint continues the one that the reader has from before: this shows a
 * fork of the log, and that nothing was taken out of it. */
export function verifyPinned(crypto: Crypto, log: WholeLog, trust: Trust): Check {
  const { checkpoint: note } = trust;
  if (note === undefined) return passed('');
  const pinned = attempt(() => openCheckpoint(crypto, note, log.log.publicKey));
  if (typeof pinned === 'string') {
    return failed(`the pinned checkpoint is not one of the bundle's log: ${pinned}`);
  }
  if (pinned.size > log.checkpoint.size) {
    const sizes = `${pinned.size} entries, the bundle's ${log.checkpoint.size}`;
    return unknown(`the pinned checkpoint is newer than the bundle's: it has ${sizes}`);
  }
  if (pinned.size === log.checkpoint.size) {
    if (areEqual(pinned.root, log.checkpoint.root)) return passed(' as pinned');
    return failed(`the log is forked: its root at ${pinned.size} entries is not the pinned one`);
  }
  return verifyGrowth(crypto, pinned, log);
}

function verifyGrowth(crypto: Crypto, pinned: Checkpoint, log: WholeLog): Check {
  const continued = passed(`, which continues the pinned one of ${pinned.size}`);
  const forked = failed(
    `the log does not continue the pinned checkpoint of ${pinned.size} entries`,
  );
  // RFC 9162, 2.1.4.1: from an empty tree nothing is to be proven.
  if (pinned.size === 0) return areEqual(pinned.root, merkleRoot(crypto, [])) ? continued : forked;
  const { consistency } = log.log;
  if (consistency?.size !== pinned.size) {
    return unknown(`no proof shows that the log grew from the pinned ${pinned.size} entries`);
  }
  const isGrown = verifyConsistency(crypto, {
    size1: pinned.size,
    size2: log.checkpoint.size,
    root1: pinned.root,
    root2: log.checkpoint.root,
    proof: consistency.proof,
  });
  return isGrown ? continued : forked;
}
