import { isFinal, streamOf, type Transaction } from '../../core/transaction.ts';
import type { LocalControlPlane } from '../open.ts';
import { holdsSoFar, verifyStream } from '../verify-store.ts';
import { type DoctorCheck, failure, failureOf, warning, well } from './check.ts';

/** Transactions that the quick look takes from the newest back. */
const QUICK_MAX = 20;
const PAGE = 200;

/** What the store holds: kill switch, open work, and a quick look at the evidence. */
export async function checkStore(controlPlane: LocalControlPlane): Promise<readonly DoctorCheck[]> {
  return [
    ...(await attempt('account', async () => [checkAccount(controlPlane)])),
    await checkKillSwitch(controlPlane),
    ...(await attempt('transactions', () => checkTransactions(controlPlane))),
    ...(await attempt('evidence', async () => [await checkEvidence(controlPlane)])),
  ];
}

/** What cannot be looked at fails by itself, and hides nothing of the others. */
async function attempt(
  name: string,
  check: () => Promise<readonly DoctorCheck[]>,
): Promise<readonly DoctorCheck[]> {
  try {
    return await check();
  } catch (error) {
    return [failureOf(name, error, 'restore the data folder from a backup')];
  }
}

function checkAccount({ account }: LocalControlPlane): DoctorCheck {
  const gaad = account.toGaad();
  const count = lengthOf(gaad['UserDetailList']) + lengthOf(gaad['RoleDetailList']);
  if (count > 0) return well('account', `${account.accountId()}, ${count} users and roles`);
  return warning(
    'account',
    'no account is loaded',
    'load one with `interlock audit --account FILE --apply`',
  );
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

async function checkKillSwitch({ ports }: LocalControlPlane): Promise<DoctorCheck> {
  const settings = await ports.killSwitch.settings().catch(() => []);
  if (!settings.some(({ scope }) => scope === 'all'))
    return failure(
      'kill switch',
      'missing or unreadable, which means halted',
      'look at the data folder, then `interlock kill release --reason TEXT`',
    );
  const engaged = settings.filter(({ mode }) => mode !== 'running');
  if (engaged.length === 0) return well('kill switch', 'running');
  return warning(
    'kill switch',
    engaged.map(({ scope, mode, by }) => `\`${scope}\` is at ${mode}, by ${by}`).join('; '),
    '`interlock kill release --reason TEXT` lets agents go on',
  );
}

async function checkTransactions(controlPlane: LocalControlPlane): Promise<readonly DoctorCheck[]> {
  const stuck = await controlPlane.ports.store.list({ status: 'stuck', limit: PAGE });
  const unresolved = stuck.transactions.filter(({ resolution }) => resolution === undefined);
  const open = await controlPlane.ports.store.list({ isOpen: true, limit: PAGE });
  const unsealed = open.transactions.filter(({ status }) => isFinal(status));
  const lost = await controlPlane.lost();
  return [
    countCheck('stuck', unresolved, 'stuck', (text) =>
      failure('stuck', text, 'look at the target, then `interlock tx resolve ID`'),
    ),
    countCheck('open', lost, 'without a runner', (text) =>
      warning('open', text, '`interlock resume` goes on with them'),
    ),
    countCheck('seals', unsealed, 'ended without a seal', (text) =>
      warning('seals', text, '`interlock resume` seals them'),
    ),
  ];
}

function countCheck(
  name: string,
  found: readonly Transaction[],
  what: string,
  raise: (text: string) => DoctorCheck,
): DoctorCheck {
  const [first] = found;
  if (first === undefined) return well(name, `no transaction is ${what}`);
  return raise(`${found.length} transaction(s) ${what}, the newest is ${first.id}`);
}

async function checkEvidence({ ports, log, retention }: LocalControlPlane): Promise<DoctorCheck> {
  const { transactions } = await ports.store.list({ limit: QUICK_MAX });
  const sealed = transactions.filter(
    (one) => isFinal(one.status) && one.sealed && !retention.isPruned(streamOf(one.id)),
  );
  const trust = { trustedKeyIds: [log.keyId, ports.signer.keyId] };
  const bad: string[] = [];
  for (const { id } of sealed) {
    const verdict = await verifyStream({ ...ports, log }, streamOf(id), trust);
    if (!holdsSoFar(verdict)) bad.push(id);
  }
  if (bad.length > 0)
    return failure(
      'evidence',
      `${bad.length} of the newest ${sealed.length} do not verify, the first is ${bad[0]}`,
      '`interlock evidence verify --all` says why',
    );
  return well('evidence', `the newest ${sealed.length} sealed transaction(s) verify`);
}
