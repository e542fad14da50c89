// The process that the crash test kills. It stays for further jobs until one of them is its last.
import { flushCompileCache } from 'node:module';
import { type ControlPlane, openControlPlane } from '../../adapters/embedded/control-plane.ts';
import { dataFolderAt } from '../../adapters/embedded/data-folder.ts';
import { keyFileSigner } from '../../adapters/embedded/signer.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Answer, DecisionPoint } from '../../core/ports/decision-point.ts';
import type { Ports } from '../../core/tasks/ports.ts';
import { propose } from '../../core/tasks/propose.ts';
import { ACTOR, crashPlan, IDEMPOTENCY_KEY } from './crash-account.ts';
import { watchDisk } from './crash-disk.ts';
import type { Job, Notice, Order, Report } from './crash-job.ts';
import { mutate } from './crash-mutants.ts';
import { markCloud, markPorts, type Point, pointsUntil } from './crash-points.ts';

const pending = new Map<number, (answer: Answer) => void>();
const watch = watchDisk();
let asked = 0;

process.on('message', (order: Order) => {
  if (order.kind === 'job') void perform(order.job);
  else pending.get(order.id)?.(order.answer);
});

async function perform(job: Job): Promise<void> {
  try {
    const report = await run(job);
    // The process that is killed later leaves no compiled code to the next one.
    if (job.work === 'transact') flushCompileCache();
    notify({ kind: 'done', report });
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    notify({ kind: 'failed', message });
  }
}

async function run(job: Job): Promise<Report> {
  const { point, labels } = pointsUntil(job.killAt);
  const clock = clockFrom(job.startsAt);
  watch(job.folder, point);
  const plane = open(job, { clock, point });
  const { acknowledgedAt, repeated } =
    job.work === 'transact' ? await transact(plane, job, labels) : await recover(plane, job);
  const left = (await plane.lost()).length;
  plane.close();
  return {
    labels,
    acknowledgedAt,
    endedAt: clock.now(),
    left,
    ...(repeated === undefined ? {} : { repeated }),
  };
}

interface Outcome {
  readonly acknowledgedAt: number;
  readonly repeated?: 'same' | 'another';
}

async function transact(
  plane: ControlPlane,
  job: Job,
  labels: readonly string[],
): Promise<Outcome> {
  const { transaction } = await proposePlan(plane, job);
  const acknowledgedAt = labels.length;
  await plane.run(transaction);
  return { acknowledgedAt };
}

/** A restart: what nobody runs is run to its end, then the caller repeats the proposal. */
async function recover(plane: ControlPlane, job: Job): Promise<Outcome> {
  for (const transaction of await plane.lost()) await plane.run(transaction);
  const { transactions } = await plane.ports.store.list({ limit: 10 });
  const [known] = transactions;
  if (known === undefined) return { acknowledgedAt: 0 };
  const { transaction, isNew } = await proposePlan(plane, job);
  const isSame = !isNew && transaction.id === known.id && transactions.length === 1;
  return { acknowledgedAt: 0, repeated: isSame ? 'same' : 'another' };
}

function proposePlan(plane: ControlPlane, { plan }: Job) {
  const proposal = { plan: crashPlan(plan), idempotencyKey: IDEMPOTENCY_KEY, actor: ACTOR };
  return propose(plane.ports, proposal);
}

function open(
  { folder, mutant, policies }: Job,
  { clock, point }: { readonly clock: Clock; readonly point: Point },
): ControlPlane {
  const files = dataFolderAt(folder);
  const wrap = (ports: Ports): Ports => {
    const marked = markPorts(ports, point);
    if (mutant === undefined) return marked;
    return mutate(mutant, marked, (session) =>
      markCloud(plane.account.session({ ...session, now: () => clock.now() }), point),
    );
  };
  const plane: ControlPlane = openControlPlane({
    storePath: files.store,
    accountPath: files.account,
    signer: keyFileSigner(files.key),
    decisionPoint: remoteDecisionPoint(policies),
    operator: 'crash-test',
    clock,
    wrap,
  });
  return plane;
}

/** A clock that moves by a millisecond a look, and at once over a sleep: the same run every time. */
function clockFrom(startsAt: number): Clock {
  let now = startsAt;
  return {
    now() {
      now += 1;
      return now;
    },
    async sleep(ms) {
      now += ms;
    },
  };
}

/** Cedar takes longer to load than all the rest; the parent's answers for every child. */
function remoteDecisionPoint(policies: Job['policies']): DecisionPoint {
  return {
    ...policies,
    policySet: '',
    stats: () => ({ fresh: 0, reused: 0 }),
    decide(request) {
      asked += 1;
      const id = asked;
      return new Promise((resolve) => {
        pending.set(id, (answer) => {
          pending.delete(id);
          resolve(answer);
        });
        notify({ kind: 'decide', id, request });
      });
    },
  };
}

function notify(notice: Notice): void {
  process.send?.(notice);
}
