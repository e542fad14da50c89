import { type ChildProcess, fork } from 'node:child_process';
import { InvariantError } from '../../core/errors.ts';
import type { DecisionPoint } from '../../core/ports/decision-point.ts';
import type { Job, Notice, Order, Report } from './crash-job.ts';

const CHILD = 'test/stress/crash-child.ts';
const JOB_MS_MAX = 60_000;

/** A job without what the process that runs it adds. */
export type Wanted = Omit<Job, 'policies'>;

/** One slot in which child processes run, one after another. */
export interface Lane {
  /**
   * Runs a job in the child; `killed` when it died by its own SIGKILL. A new child follows. Rejects
   * when the job failed.
   */
  run(job: Wanted): Promise<Report | 'killed'>;
  close(): void;
}

/** Opens a lane; the children ask `decisionPoint`. */
export function openLane(decisionPoint: DecisionPoint, cacheFolder: string): Lane {
  const { policySetDigest, protection, blastRadius } = decisionPoint;
  const policies = { policySetDigest, protection, blastRadius };
  let child = start(decisionPoint, cacheFolder);
  return {
    async run(job) {
      try {
        const result = await perform(child, { ...job, policies });
        if (result === 'killed') child = start(decisionPoint, cacheFolder);
        return result;
      } catch (error) {
        child.kill();
        child = start(decisionPoint, cacheFolder);
        throw error;
      }
    },
    close: () => child.disconnect(),
  };
}

function start(decisionPoint: DecisionPoint, cacheFolder: string): ChildProcess {
  const child = fork(CHILD, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
    env: { ...process.env, NODE_COMPILE_CACHE: cacheFolder },
  });
  child.on('message', (notice: Notice) => {
    if (notice.kind !== 'decide') return;
    void decisionPoint.decide(notice.request).then((answer) => {
      // The child may have died while it waited.
      if (child.connected) send(child, { kind: 'answer', id: notice.id, answer });
    });
  });
  return child;
}

function perform(child: ChildProcess, job: Job): Promise<Report | 'killed'> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => fail(`no end after ${JOB_MS_MAX} ms, point ${job.killAt}`),
      JOB_MS_MAX,
    );
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      act();
    };
    const fail = (message: string) => settle(() => reject(new InvariantError(message)));
    const onMessage = (notice: Notice): void => {
      if (notice.kind === 'done') settle(() => resolve(notice.report));
      if (notice.kind === 'failed') fail(notice.message);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      if (signal === 'SIGKILL' && job.killAt > 0) settle(() => resolve('killed'));
      else fail(`the child ended with ${signal ?? code}`);
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    send(child, { kind: 'job', job });
  });
}

function send(child: ChildProcess, order: Order): void {
  // An order to a child that has just died is lost with it; `exit` tells.
  child.send(order, () => undefined);
}
