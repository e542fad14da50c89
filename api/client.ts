import type { z } from 'zod';
import { InterlockError, TransientError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { isFinal } from '../core/transaction.ts';
import { RecordList } from './evidence-shapes.ts';
import { OPERATIONS, type OperationId } from './operations.ts';
import type * as requests from './requests.ts';
import * as shapes from './shapes.ts';
import { send, type Transport } from './transport.ts';

/** The query of a list, as callers write it. */
export type ListWanted = Partial<
  Record<Exclude<keyof requests.ListQuery, 'limit'>, string> & { limit: number }
>;

/** How long to wait for a transaction. */
export interface Patience {
  /** 10 minutes by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The API, typed: a method for every operation, named as in the OpenAPI document. */
export interface Client {
  health(): Promise<shapes.Health>;
  listActions(): Promise<shapes.ActionList>;
  listPolicies(): Promise<shapes.PolicyList>;
  listTransactions(wanted?: ListWanted): Promise<shapes.TransactionList>;
  readTransaction(id: string): Promise<shapes.TransactionDetail>;
  readRecords(id: string, from?: number): Promise<RecordList>;
  /** The bytes of the evidence, as an outsider verifies them. */
  readBundle(id: string): Promise<Uint8Array>;
  readKillSwitch(): Promise<shapes.KillStatus>;
  moveKillSwitch(move: z.input<typeof requests.KillSwitchMove>): Promise<shapes.KillStatus>;
  /** The same key and plan are one transaction; without a key it has one of its own. */
  propose(plan: Plan, idempotencyKey?: string): Promise<shapes.Proposed>;
  /** What would become of a plan; nothing is started. */
  dryRun(plan: Plan): Promise<shapes.DryRun>;
  undo(id: string): Promise<shapes.Proposed>;
  cancel(id: string): Promise<shapes.TransactionSummary>;
  approve(id: string, seen: z.input<typeof requests.Approve>): Promise<shapes.TransactionSummary>;
  refuse(id: string, reason: string): Promise<shapes.TransactionSummary>;
  resume(id: string): Promise<shapes.TransactionSummary>;
  resolve(
    id: string,
    resolution: z.input<typeof requests.Resolution>,
  ): Promise<shapes.TransactionSummary>;
  /** Reads until it is final and sealed, or waits for a person. Throws `TransientError`
   * (`still-running`) when patience ends. */
  wait(id: string, patience?: Patience): Promise<shapes.TransactionDetail>;
}

const POLL_MS = 200;
const POLL_MS_MAX = 3000;
const WAIT_MS_DEFAULT = 600_000;

/** A client of the API at an endpoint. Every method throws what the other side has thrown: errors
 * of the classes of core, with their codes. */
export function createClient(transport: Transport): Client {
  const { sleep = pause } = transport;
  const call = <Shape extends z.ZodType>(id: OperationId, shape: Shape, input: Input = {}) =>
    ask(transport, id, input).then((response) => parsed(shape, response));
  const client: Client = {
    health: () => call('health', shapes.Health),
    listActions: () => call('listActions', shapes.ActionList),
    listPolicies: () => call('listPolicies', shapes.PolicyList),
    listTransactions: (query = {}) =>
      call('listTransactions', shapes.TransactionList, { query: { ...query } }),
    readTransaction: (id) => call('readTransaction', shapes.TransactionDetail, { id }),
    readRecords: (id, from = 0) => call('readRecords', RecordList, { id, query: { from } }),
    readBundle: (id) => bundleOf(transport, id),
    readKillSwitch: () => call('readKillSwitch', shapes.KillStatus),
    moveKillSwitch: (body) => call('moveKillSwitch', shapes.KillStatus, { body }),
    propose(body, key = crypto.randomUUID()) {
      const headers = { 'idempotency-key': key };
      return call('propose', shapes.Proposed, { body, headers });
    },
    dryRun: (body) => call('propose', shapes.DryRun, { body, query: { dryRun: 'true' } }),
    undo: (id) => call('undo', shapes.Proposed, { id }),
    cancel: (id) => call('cancel', shapes.TransactionSummary, { id }),
    approve: (id, body) => call('approve', shapes.TransactionSummary, { id, body }),
    refuse: (id, reason) => call('refuse', shapes.TransactionSummary, { id, body: { reason } }),
    resume: (id) => call('resume', shapes.TransactionSummary, { id }),
    resolve: (id, body) => call('resolve', shapes.TransactionSummary, { id, body }),
    async wait(id, { timeoutMs = WAIT_MS_DEFAULT, signal } = {}) {
      let waitedMs = 0;
      for (let pollMs = POLL_MS; ; pollMs = Math.min(POLL_MS_MAX, pollMs * 2)) {
        const detail = await client.readTransaction(id);
        if (isAtRest(detail.transaction) || signal?.aborted === true) return detail;
        if (waitedMs >= timeoutMs)
          throw new TransientError('still-running', `\`${id}\` has not ended yet`);
        await sleep(pollMs);
        waitedMs += pollMs;
      }
    },
  };
  return client;
}

function isAtRest({ status, sealed }: shapes.TransactionDetail['transaction']): boolean {
  if (isFinal(status)) return sealed;
  return status === 'awaiting-approval' || status === 'parked';
}

interface Input {
  readonly id?: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

function ask(
  transport: Transport,
  operation: OperationId,
  { id = '', query = {}, headers = {}, body }: Input,
): Promise<Response> {
  const { method, path, isRepeatable } = OPERATIONS[operation];
  const search = new URLSearchParams(
    Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)])),
  ).toString();
  return send(transport, {
    method: method.toUpperCase(),
    path: `${path.replace('{id}', encodeURIComponent(id))}${search === '' ? '' : `?${search}`}`,
    headers,
    ...(body === undefined ? {} : { body }),
    isRepeatable,
  });
}

async function parsed<Shape extends z.ZodType>(
  shape: Shape,
  response: Response,
): Promise<z.output<Shape>> {
  const result = shape.safeParse(await response.json().catch(() => undefined));
  if (result.success) return result.data;
  throw new InterlockError('answer-not-understood', 'the answer is not of the known shape', {
    hint: 'the endpoint may be of another version, or no control plane at all',
    cause: result.error,
  });
}

/** Fetched from where it stands; neither token nor signature goes there. */
async function bundleOf(transport: Transport, id: string): Promise<Uint8Array> {
  const response = await ask(transport, 'readBundle', { id });
  const elsewhere = response.headers.get('location');
  if (elsewhere === null) return new Uint8Array(await response.arrayBuffer());
  const fetched = await (transport.fetch ?? fetch)(new Request(elsewhere));
  if (!fetched.ok)
    throw new TransientError(
      'bundle-unreachable',
      `the bundle cannot be fetched: ${fetched.status}`,
    );
  return new Uint8Array(await fetched.arrayBuffer());
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
