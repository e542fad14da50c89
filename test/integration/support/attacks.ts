import { registry } from '../../../actions/registry.ts';
import { parseRecord } from '../../../core/evidence/index.ts';
import type { Decision, Write } from '../../../core/ports/store.ts';
import { TASKS } from '../../../core/tasks/index.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { caseNamed } from './action-cases.ts';
import type { TestWorld, TestWorldOptions } from './world.ts';

type ClaimWrite = Write & { readonly write: 'claim' };

/** Changes what the engine claims with. */
export function claimingWith(change: (write: ClaimWrite, ports: Ports) => Promise<ClaimWrite>) {
  return (ports: Ports): Ports => ({
    ...ports,
    store: {
      ...ports.store,
      async change(wanted) {
        const writes = await Promise.all(
          wanted.writes.map(async (one) =>
            one.write === 'claim' && one.claim.kind === 'apply' ? change(one, ports) : one,
          ),
        );
        return ports.store.change({ ...wanted, writes });
      },
    },
  });
}

type Find = (write: ClaimWrite, ports: Ports) => Promise<string>;

/** Claims with another decision. */
export function naming(find: () => Find) {
  return async (write: ClaimWrite, ports: Ports): Promise<ClaimWrite> => {
    const decisionId = await find()(write, ports);
    return { ...write, claim: { ...write.claim, decisionId } };
  };
}

/** The first decision of this transaction, or of another. */
export function firstOf(whose: 'own' | 'other'): Find {
  return async ({ claim }, { store }) => {
    const { transactions } = await store.list({ limit: 10 });
    const owner = transactions.find(({ id }) => (id === claim.transactionId) === (whose === 'own'));
    const [decision] = await store.decisions(owner?.id ?? '');
    return (decision as Decision).id;
  };
}

/** Claims as if the plan, input or state had other digests. */
export function expecting(digests: Partial<ClaimWrite['expected']>) {
  return async (write: ClaimWrite): Promise<ClaimWrite> => ({
    ...write,
    expected: { ...(write.expected as NonNullable<ClaimWrite['expected']>), ...digests },
  });
}

/** Runs with an act right before a task. */
export async function before(
  world: TestWorld,
  state: string,
  act: () => Promise<void>,
  run: (world: TestWorld) => Promise<void>,
): Promise<void> {
  const proposeAndRun: TestWorld['proposeAndRun'] = async (steps) =>
    world.run(await world.propose(steps), {
      ...TASKS,
      [state]: async (ports, saga) => {
        await act();
        return (TASKS[state] as (typeof TASKS)[string])(ports, saga);
      },
    });
  await run({ ...world, proposeAndRun });
}

/** Another transaction stops right after its decision. */
export async function withOther(world: TestWorld, run: (world: TestWorld) => Promise<void>) {
  const other = await world.propose([caseNamed('iam:DeleteUserPolicy').step]);
  const started = await world.ports.store.start({
    transactionId: other.id,
    epoch: other.epoch,
    owner: 'test:1:other',
    leaseUntil: 0,
  });
  let state = { transactionId: other.id, epoch: started.epoch, stepIndex: 0, next: 'preflight' };
  for (const task of ['Preflight', 'Authorize'] as const)
    state = { ...(await (TASKS[task] as (typeof TASKS)[string])(world.ports, state)) };
  await run(world);
}

/** The execution is lost after its decision, and a new one goes on. */
export async function restarted(world: TestWorld, run: (world: TestWorld) => Promise<void>) {
  const proposeAndRun: TestWorld['proposeAndRun'] = async (steps) => {
    const transaction = await world.propose(steps);
    const stop = async (): Promise<never> => Promise.reject(new Error('lost'));
    const lost = { ...TASKS, Execute: stop, Compensate: stop, Escalate: stop };
    return world.run(await world.run(transaction, lost));
  };
  await run({ ...world, proposeAndRun });
}

/** The registry with one action under another id. */
export function withAlias(alias: string, id: string): NonNullable<TestWorldOptions['actions']> {
  const action = registry.byId(id);
  if (action === undefined) throw new Error(`no action ${id}`);
  const renamed = { ...action, id: alias };
  return { ...registry, byId: (wanted) => (wanted === alias ? renamed : registry.byId(wanted)) };
}

/** As if the change reached a break-glass principal too, through a policy that both have. */
export function reachingBreakGlass(): NonNullable<TestWorldOptions['actions']> {
  const arn = 'arn:aws:iam::111122223333:role/break-glass/emergency';
  const shared = { arn, path: '/break-glass/', tags: {} };
  return {
    ...registry,
    byId(id) {
      const action = registry.byId(id);
      if (action === undefined) return undefined;
      return {
        ...action,
        async locate(...args) {
          const target = await action.locate(...args);
          return { ...target, affected: [...target.affected, shared] };
        },
      };
    },
  };
}

/** A policy file without one policy. */
export function withoutPolicy(text: string, id: string): string {
  const start = text.indexOf(`@id("${id}")`);
  if (start < 0) throw new Error(`no policy ${id}`);
  return text.slice(0, start) + text.slice(text.indexOf('};', start) + 2);
}

/** The codes that the evidence of all streams names. */
export async function recordedCodes(world: TestWorld): Promise<readonly string[]> {
  const { store } = world.ports;
  const streams = await store.streams();
  const records = await Promise.all(streams.map((stream) => store.records(stream)));
  return records
    .flat()
    .map(parseRecord)
    .flatMap(({ data }) => [data['code'], (data['reason'] as { detail?: string })?.detail])
    .filter((code): code is string => typeof code === 'string');
}

/** Takes away what preflight locks. */
export function withoutLocks(ports: Ports): Ports {
  return {
    ...ports,
    store: {
      ...ports.store,
      change: (wanted) =>
        ports.store.change({
          ...wanted,
          writes: wanted.writes.filter((one) => one.write !== 'lock'),
        }),
    },
  };
}

/** The calls that changed the account. */
export const effects = (world: TestWorld) =>
  world.account.mutations().filter((one) => !JSON.stringify(one.answer).includes('"error"'));
