import type { Crypto } from '../ports/crypto.ts';
import type { Check } from './check.ts';
import { failed, passed, unknown } from './check.ts';
import type { LogChain } from './log-chain.ts';
import type { Seal } from './seal.ts';
import type { Trust } from './trust.ts';
import { trustIn } from './trust.ts';
import { verifyPinned } from './verify-pinned.ts';

/**
 * Whether the stream has ended, its last seal covers it all, and a log that the reader trusts holds
 * that seal. Without a log, a tail cut off together with its seals shows as an earlier state of the
 * stream, open as a rule.
 */
export function verifyComplete(
  crypto: Crypto,
  recordCount: number,
  seals: readonly Seal[],
  log: LogChain,
  trust: Trust,
): Check {
  const last = seals.at(-1);
  if (last === undefined) return failed('open: there is no seal');
  if (!last.final) return failed(`open: the last seal says \`${last.status}\``);
  const uncovered = recordCount - last.treeSize;
  if (uncovered > 0) return failed(`${uncovered} records follow the last seal`);
  const ended = `ended as \`${last.status}\` and sealed whole`;
  if (log.state === 'none') return unknown(`${ended}, but no log vouches that nothing followed`);
  if (log.state === 'broken') return failed(log.problem);
  const pinned = verifyPinned(crypto, log, trust);
  if (pinned.ok !== true) return pinned;
  const { sealPositions, checkpoint, keyId } = log;
  const position = sealPositions[seals.length - 1];
  if (position === undefined) return unknown(`${ended}, but its last seal is not in the log yet`);
  const own = trustIn(trust, keyId);
  if (own === undefined) {
    return unknown(`${ended}, but the log's key ${keyId} is not among the trusted ones`);
  }
  const word = own === 'named' ? '' : ', whose key is trusted only because the bundle holds it';
  return passed(
    `${ended}, entry ${position} of ${checkpoint.size} in the log${word}${pinned.reason}`,
  );
}
