import { StoreDamagedError } from '../../core/errors.ts';

/** SQLite's primary result codes for a file that is not as SQLite wrote it: CORRUPT, NOTADB. */
const DAMAGED_CODES: readonly unknown[] = [11, 26];
const PRIMARY_CODE = 0xff;

/** True for what SQLite throws when the file is not as SQLite wrote it. */
export function isDamage(error: unknown): boolean {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  return code === 'ERR_SQLITE_ERROR' && DAMAGED_CODES.includes(Number(errcode) & PRIMARY_CODE);
}

/** The error of something that could not be read: damage by its name, anything else as it is. */
export function namedDamage(what: string, error: unknown): unknown {
  return isDamage(error) ? new StoreDamagedError(what, error) : error;
}

/** The value of a JSON text of the store. Throws `StoreDamagedError` when it is none. */
export function parseStored<Value>(text: unknown, what: string): Value {
  try {
    return JSON.parse(text as string) as Value;
  } catch (cause) {
    throw new StoreDamagedError(what, cause);
  }
}

/** What a method of the store reads or writes, for its error. */
const WORDS: Readonly<Record<string, string>> = {
  list: 'the list of transactions',
  load: 'the transaction',
  claims: 'the claims of',
  decisions: 'the decisions of',
  decision: 'the decision',
  records: 'the records of',
  seals: 'the seals of',
  streams: 'the names of the streams',
  lockHolder: 'the lock on',
  head: 'the head of the log',
  pending: 'what the log has not taken in',
  nodes: 'the hashes of the log',
  entries: 'the entries of the log',
  positionOf: 'the entry of the log for',
  keyEntry: 'the entry of the log for the key',
};

/** A store, or a log, whose every method names what it could not read when the file is damaged. */
export function namingDamage<Methods extends object>(methods: Methods): Methods {
  const named = Object.entries(methods).map(([method, call]) => [
    method,
    async (...args: unknown[]): Promise<unknown> => {
      try {
        return await (call as (...args: unknown[]) => Promise<unknown>)(...args);
      } catch (error) {
        const [subject] = args;
        const of = typeof subject === 'string' ? ` \`${subject}\`` : '';
        throw namedDamage(`${WORDS[method] ?? 'what it writes to'}${of}`, error);
      }
    },
  ]);
  return Object.fromEntries(named) as Methods;
}
