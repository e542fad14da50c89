import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '../../api/client.ts';
import type { EvidenceRecord } from '../../core/evidence/record.ts';
import { isFinal } from '../../core/transaction.ts';
import type { Remote } from '../invocation.ts';
import { seenOf } from './approval.ts';
import { type Control, type Listener, type Standing, summaryOfStanding } from './control.ts';
import { transportOf } from './transport-of.ts';

/** Transactions of one answer of the API, at most. */
const PAGE_MAX = 200;
const POLL_MS = 500;

/** The control plane at an endpoint, as whom the token or the signature says. It runs what it
 * accepts; nothing runs here. */
export function remoteControl(remote: Remote): Control {
  return controlOf(createClient(transportOf(remote)));
}

/** A control plane behind a client of its API. */
export function controlOf(client: Client): Control {
  const follow = (id: string, listener: Listener) => followed(client, id, listener);
  return {
    propose: (plan, key) => client.propose(plan, key),
    list: (wanted) => listed(client, wanted),
    show: (id) => client.readTransaction(id),
    async records(id) {
      const records: EvidenceRecord[] = [];
      for await (const record of recordsFrom(client, id, 0)) records.push(record);
      return records;
    },
    async cancel(id) {
      await client.cancel(id);
    },
    undo: async (id) => (await client.undo(id)).transaction.id,
    async approve(seen) {
      await client.approve(seen.id, seenOf(seen));
    },
    async refuse(id, reason) {
      await client.refuse(id, reason);
    },
    async resolve({ id, as, reason }) {
      await client.resolve(id, { as, reason });
    },
    watch: follow,
    follow,
    settle: follow,
    async resumeAll({ signal, onEnd }) {
      const { transactions } = await listed(client, { status: 'parked', limit: PAGE_MAX });
      const resumed = [];
      for (const { id } of transactions) {
        const { transaction } = await client.readTransaction(id);
        await client.resume(id);
        resumed.push(transaction);
      }
      const ended = [];
      for (const { id, epoch } of resumed) {
        // Until it has been started it is as parked as before.
        const one = await followed(client, id, { signal, onRecord: () => undefined }, epoch);
        ended.push(summaryOfStanding(one));
        onEnd(summaryOfStanding(one));
      }
      return ended;
    },
    killStatus: () => client.readKillSwitch(),
    moveKillSwitch: (move) => client.moveKillSwitch(move),
    goesOn: 'the control plane goes on',
    close: async () => undefined,
  };
}

/** As many as were asked for, in as many answers as that takes. */
async function listed(client: Client, wanted: Parameters<Control['list']>[0]) {
  const transactions = [];
  let { after } = wanted;
  do {
    const page = await client.listTransactions({
      ...wanted,
      limit: Math.min(PAGE_MAX, wanted.limit - transactions.length),
      ...(after === undefined ? {} : { after }),
    });
    transactions.push(...page.transactions);
    after = page.next;
  } while (after !== undefined && transactions.length < wanted.limit);
  return { transactions, ...(after === undefined ? {} : { next: after }) };
}

/** Reads until it is at rest, and says each record once. */
async function followed(
  client: Client,
  id: string,
  { signal, onRecord }: Listener,
  epochBefore = -1,
): Promise<Standing> {
  let seen = 0;
  for (;;) {
    const { transaction } = await client.readTransaction(id);
    for await (const record of recordsFrom(client, id, seen)) {
      onRecord(record);
      seen += 1;
    }
    const isOver = isAtRest(transaction) && transaction.epoch > epochBefore;
    if (signal.aborted || isOver) return transaction;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Every record from one on, in as many answers as that takes. */
async function* recordsFrom(
  client: Client,
  id: string,
  from: number,
): AsyncGenerator<EvidenceRecord> {
  for (let next: number | undefined = from; next !== undefined; ) {
    const page = await client.readRecords(id, next);
    yield* page.records as EvidenceRecord[];
    next = page.next;
  }
}

function isAtRest({ status, sealed, cancelled }: Standing): boolean {
  if (isFinal(status)) return sealed;
  return (status === 'awaiting-approval' && cancelled === undefined) || status === 'parked';
}
