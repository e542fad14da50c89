import { detailOf, rowOf } from '../../api/view/detail.ts';
import { killStatusOf } from '../../api/view/kill-status.ts';
import { summaryOf } from '../../api/view/summary.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { parseRecord } from '../../core/evidence/index.ts';
import { approve, refuse } from '../../core/tasks/approve.ts';
import { cancel } from '../../core/tasks/cancel.ts';
import { halt } from '../../core/tasks/halt.ts';
import { propose } from '../../core/tasks/propose.ts';
import { resolve } from '../../core/tasks/resolve.ts';
import { undo } from '../../core/tasks/undo.ts';
import { streamOf } from '../../core/transaction.ts';
import { flushLog } from '../flush-log.ts';
import { follow, loadTransaction, runNow, runOrFollow } from '../follow.ts';
import type { Invocation } from '../invocation.ts';
import { type LocalControlPlane, openExisting } from '../open.ts';
import { listening } from '../progress.ts';
import { runAll } from '../run-all.ts';
import { seenOf } from './approval.ts';
import type { Control, Listener } from './control.ts';

/** The control plane of a data folder, with the person at the keyboard as its operator. */
export function localControl(
  { data, output }: Pick<Invocation, 'data' | 'output'>,
  onRecord?: Listener['onRecord'],
): Control {
  const heard = onRecord === undefined ? {} : { wrap: listening(onRecord) };
  const plane = openExisting({ data, ...heard });
  return {
    ...reads(plane),
    ...acts(plane),
    ...runs(plane),
    goesOn: '`interlock resume` goes on',
    async close() {
      // Who has waited for a barrier has written something.
      if (plane.barriers() > 0) await flushLog(plane.log, output);
      plane.close();
    },
  };
}

function reads(
  plane: LocalControlPlane,
): Pick<Control, 'list' | 'show' | 'records' | 'killStatus'> {
  const { store, killSwitch } = plane.ports;
  return {
    async list(wanted) {
      requireCursor(wanted.after);
      const page = await store.list(wanted as Parameters<typeof store.list>[0]);
      return { ...page, transactions: page.transactions.map(summaryOf) };
    },
    show: async (id) => detailOf(store, await loadTransaction(plane, id)),
    async records(id) {
      await loadTransaction(plane, id);
      return (await store.records(streamOf(id))).map(parseRecord);
    },
    killStatus: () => killStatusOf(killSwitch),
  };
}

type Acts = 'propose' | 'cancel' | 'undo' | 'approve' | 'refuse' | 'resolve' | 'moveKillSwitch';

function acts({ ports, caller, operator }: LocalControlPlane): Pick<Control, Acts> {
  return {
    async propose(plan, idempotencyKey) {
      const actor = `agent:${plan.agent}`;
      const { transaction, isNew } = await propose(ports, { plan, idempotencyKey, actor });
      return { transaction: summaryOf(transaction), isNew, idempotencyKey };
    },
    async cancel(id) {
      await cancel(ports, caller, id);
    },
    undo: async (id) => (await undo(ports, caller, id)).transaction.id,
    async approve(seen) {
      await approve(ports, caller, { id: seen.id, ...seenOf(seen) });
    },
    async refuse(id, reason) {
      await refuse(ports, caller, { id, reason });
    },
    async resolve(wanted) {
      await resolve(ports, caller, wanted);
    },
    async moveKillSwitch(move) {
      await halt(ports, { operator, ...move });
      return killStatusOf(ports.killSwitch);
    },
  };
}

function runs(
  plane: LocalControlPlane,
): Pick<Control, 'watch' | 'follow' | 'settle' | 'resumeAll'> {
  const load = (id: string) => loadTransaction(plane, id);
  return {
    watch: async (id, listener) => rowOf(await follow(plane, id, listener)),
    follow: async (id, listener) => rowOf(await runOrFollow(plane, await load(id), listener)),
    async settle(id, listener) {
      const transaction = await load(id);
      // More approvals than this one are needed.
      if (transaction.status === 'awaiting-approval') return rowOf(transaction);
      // Its last runner may still live and hold the lease; nobody runs it all the same.
      return rowOf(await runNow(plane, transaction, listener));
    },
    async resumeAll({ signal, onEnd }) {
      const lost = await plane.lost();
      const ended = await runAll(plane, lost, { signal, onEnd: (one) => onEnd(summaryOf(one)) });
      return ended.map(summaryOf);
    },
  };
}

function requireCursor(after: string | undefined): void {
  if (after === undefined || /^[0-9a-z]{1,11}$/.test(after)) return;
  throw new InvalidInputError('usage', '`--after` is not the `next` of a page');
}
