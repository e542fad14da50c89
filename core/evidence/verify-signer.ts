import type { Check } from './check.ts';
import { failed, passed, unknown } from './check.ts';
import type { LogChain } from './log-chain.ts';
import type { SealChain } from './seal-chain.ts';
import type { Trust } from './trust.ts';
import { trustIn } from './trust.ts';

/** Whether every seal was signed by a key that the reader trusts, or that a log vouches for which
 * the reader trusts. */
export function verifySigner(chain: SealChain, log: LogChain, trust: Trust): Check {
  if (chain.forgery !== undefined) return failed(chain.forgery);
  if (chain.seals.length === 0) return unknown('nothing is signed');
  const reasons = new Set<string>();
  for (const [index, { keyId }] of chain.seals.entries()) {
    const check = verifyKey(keyId, index, log, trust);
    if (check.ok !== true) return check;
    reasons.add(check.reason);
  }
  return passed(`signed by ${[...reasons].join(', then by ')}`);
}

function verifyKey(keyId: string, seal: number, log: LogChain, trust: Trust): Check {
  const own = trustIn(trust, keyId);
  if (own === 'named') return passed(`the trusted key ${keyId}`);
  if (log.state === 'broken') return failed(log.problem);
  if (log.state === 'none' || trustIn(trust, log.keyId) !== 'named') {
    if (own === 'embedded') {
      return passed(`key ${keyId}, trusted only because the bundle holds it`);
    }
    const logToo = log.state === 'none' ? '' : `, nor is the log's key ${log.keyId}`;
    return unknown(`signed by key ${keyId}, which is not among the trusted ones${logToo}`);
  }
  const problem = vouchProblem(keyId, seal, log);
  if (problem !== undefined) return unknown(`signed by key ${keyId}, ${problem}`);
  return passed(`key ${keyId}, which the trusted log ${log.keyId} vouches for`);
}

/** Why a log does not vouch for the key of a seal. */
function vouchProblem(
  keyId: string,
  seal: number,
  { keyPositions, sealPositions, checkpoint }: LogChain & { readonly state: 'whole' },
): string | undefined {
  const entered = keyPositions.get(keyId);
  if (entered === undefined) return 'which is neither trusted nor in the log';
  // A seal that is not in the log yet will stand after all that is.
  const sealed = sealPositions[seal] ?? checkpoint.size;
  const isReplaced = [...keyPositions.values()].some((one) => one > entered && one < sealed);
  return isReplaced ? 'which the log had replaced before' : undefined;
}
