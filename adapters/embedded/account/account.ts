import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { InvalidInputError } from '../../../core/errors.ts';
import { canonicalText, digestOf, sha256Hex } from '../../../core/hash.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { Cloud } from '../../../core/ports/cloud.ts';
import { type Barrier, openBarrier } from '../barrier.ts';
import { inTransaction } from '../sqlite.ts';
import { entityWriter, getMeta, openDatabase, setMeta } from './database.ts';
import { type Entity, presentEntities } from './entities.ts';
import { allDetails, DETAIL_LISTS, digestDetail, fileDetail, parseDetails } from './gaad.ts';
import type { AccountFacts, AccountLimits } from './operation.ts';
import { openSessions, type SessionOptions } from './sessions.ts';

/** How a simulated account is opened. */
export interface AccountOptions {
  /** The account's id while no file was loaded; a loaded file says its own. */
  readonly accountId?: string;
  /** The clock of `admin()`, epoch ms. */
  readonly now?: () => number;
  /** Random bytes for unique ids. */
  readonly random?: (bytes: number) => Uint8Array;
  readonly limits?: Partial<AccountLimits>;
  /** Keeps images of before, so that `session({ asOf })` can see the past. For tests. */
  readonly keepsHistory?: boolean;
}

/** One entry of the log of mutating calls; a refused one answers `{ error: { code, message } }`. */
export interface Mutation {
  readonly seq: number;
  /** Epoch ms of the session's clock. */
  readonly at: number;
  readonly operation: string;
  readonly input: JsonObject;
  readonly principal: string;
  readonly answer: Json;
}

/** An AWS account's IAM, in one SQLite file that several processes may share. */
export interface SimulatedAccount {
  /** Replaces all entities by those of a GAAD file. Throws `InvalidInputError` (`account-invalid`). */
  load(gaad: unknown): void;
  /** The account as `get-account-authorization-details` prints it; `load` of it changes nothing. */
  toGaad(): JsonObject;
  accountId(): string;
  /** A session whose every call must be allowed by its session policy. */
  session(options: SessionOptions): Cloud;
  /** A session that may do anything. */
  admin(): Cloud;
  /** Every mutating call in order, refused ones included. */
  mutations(): readonly Mutation[];
  /** SHA-256, hex, over the normal form of all entities. */
  digest(): string;
  readonly barrier: Barrier;
  close(): void;
}

const DEFAULT_LIMITS: AccountLimits = { attachedPoliciesMax: 10, policyVersionsMax: 5 };
const DEFAULT_ACCOUNT_ID = '111122223333';
const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ID_CHARS = 17;

/** Opens the account in a file, or `:memory:`; creates it when absent. */
export function openAccount(path: string, options: AccountOptions = {}): SimulatedAccount {
  const database = openDatabase(path);
  const barrier = openBarrier(path);
  const entities = presentEntities(database);
  const facts = factsReader(database, options);
  const openSession = openSessions({
    database,
    entities,
    facts,
    barrier,
    write: entityWriter(database, options.keepsHistory ?? false),
  });
  return {
    load: (gaad) => loadGaad(database, gaad),
    toGaad: () => ({
      ...(JSON.parse(getMeta(database, 'rest') ?? '{}') as JsonObject),
      ...allDetails(entities.list(), fileDetail),
    }),
    accountId: () => facts().accountId,
    session: (session) => openSession(session),
    admin: () => openSession({ now: options.now ?? Date.now, principal: 'admin' }),
    mutations: () => readMutations(database),
    digest: digester(() => entities.list()),
    barrier,
    close() {
      barrier.close();
      database.close();
    },
  };
}

function loadGaad(database: DatabaseSync, gaad: unknown): void {
  const parsed = parseDetails(gaad);
  const lists = DETAIL_LISTS.map(([field]) => field);
  const rest = Object.entries(gaad as JsonObject).filter(
    ([field, value]) => !lists.includes(field) && value !== null,
  );
  const write = entityWriter(database, false);
  inTransaction(database, () => {
    database.exec('DELETE FROM entity; DELETE FROM past;');
    write(new Map(parsed.map((entity) => [entity.arn, entity])), 0);
    setMeta(database, 'rest', JSON.stringify(Object.fromEntries(rest)));
    const own = mostFrequentAccount(parsed);
    if (own !== undefined) setMeta(database, 'account', JSON.stringify(own));
  });
}

function mostFrequentAccount(
  entities: readonly Entity[],
): { partition: string; accountId: string } | undefined {
  const counts = new Map<string, number>();
  for (const { arn, accountId } of entities) {
    if (accountId === 'aws') continue;
    const key = `${arn.split(':')[1]}:${accountId}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const [top] = [...counts].sort(([, left], [, right]) => right - left);
  const [partition, accountId] = top?.[0].split(':') ?? [];
  return partition === undefined || accountId === undefined ? undefined : { partition, accountId };
}

function factsReader(database: DatabaseSync, options: AccountOptions): () => AccountFacts {
  // Read on every call: another process may load a file.
  const stored = database.prepare("SELECT value FROM meta WHERE key = 'account'");
  const random = options.random ?? randomBytes;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const newId = (prefix: string): string =>
    prefix + Array.from(random(ID_CHARS), (byte) => ID_LETTERS[byte % 32]).join('');
  return () => {
    const text = stored.get()?.['value'] as string | undefined;
    const own =
      text === undefined
        ? { partition: 'aws', accountId: options.accountId ?? DEFAULT_ACCOUNT_ID }
        : (JSON.parse(text) as { partition: string; accountId: string });
    if (options.accountId !== undefined && options.accountId !== own.accountId) {
      throw new InvalidInputError(
        'account-mismatch',
        `the account is \`${own.accountId}\`, not \`${options.accountId}\``,
      );
    }
    return { ...own, limits, newId };
  };
}

function readMutations(database: DatabaseSync): Mutation[] {
  const rows = database.prepare('SELECT * FROM mutation ORDER BY seq').all();
  return rows.map((row) => ({
    seq: row['seq'] as number,
    at: row['at'] as number,
    operation: row['operation'] as string,
    input: JSON.parse(row['input'] as string) as JsonObject,
    principal: row['principal'] as string,
    answer: JSON.parse(row['answer'] as string) as Json,
  }));
}

function digester(list: () => readonly Entity[]): () => string {
  const known = new Map<string, { readonly text: string; readonly digest: string }>();
  const digestOne = (entity: Entity): string => {
    const text = JSON.stringify(entity.body);
    const cached = known.get(entity.arn);
    if (cached?.text === text) return cached.digest;
    const digest = digestOf(digestDetail(entity));
    known.set(entity.arn, { text, digest });
    return digest;
  };
  return () => {
    const lines = list().map((entity) => [entity.arn, entity.kind, digestOne(entity)]);
    return sha256Hex(canonicalText(lines.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))));
  };
}
