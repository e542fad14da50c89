import { InvariantError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/hash.ts';
import type { Transaction } from '../../core/transaction.ts';
import { type Item, type Key, keyOf, partitionOf, textOf } from './store-items.ts';
import { DETAILS, type Details } from './store-rows.ts';

/** Bytes of one chunk; an item has at most 400 KB ("Quotas", DynamoDB developer guide). */
const CHUNK_BYTES = 350_000;
/** Bytes of the parts that are kept in memory, parsed; a part may have megabytes. */
const KNOWN_BYTES_MAX = 16 * 1024 * 1024;

/**
 * A large part, cut into items. The pointer `DIGEST:CHUNKS` goes into the row: chunks are named by
 * their content, so that they never change and a row never points to half of another part.
 */
export interface Part {
  readonly pointer: string;
  readonly items: readonly Item[];
}

/** Cuts a value into items of a transaction's partition. */
export function partOf(transactionId: string, value: unknown): Part {
  const whole = JSON.stringify(value);
  const bytes = Buffer.from(whole);
  const count = Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES));
  const pointer = `${sha256Hex(whole)}:${count}`;
  const keys = chunkKeys(transactionId, pointer);
  const items = keys.map((key, index) => ({
    ...key,
    bytes: { B: bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES) },
  }));
  return { pointer, items };
}

/** Reads items by key, consistently. */
export type ReadItems = (keys: readonly Key[]) => Promise<readonly Item[]>;

/** Reads the large parts of rows; those that were seen before are kept. */
export function partReader(
  readItems: ReadItems,
): (rows: readonly { readonly id: string; readonly item: Item }[]) => Promise<readonly Details[]> {
  const known = new Map<string, { readonly value: unknown; readonly bytes: number }>();
  let knownBytes = 0;
  const forget = (name: string) => {
    knownBytes -= known.get(name)?.bytes ?? 0;
    known.delete(name);
  };
  const keep = (name: string, value: unknown, bytes: number) => {
    forget(name);
    known.set(name, { value, bytes });
    knownBytes += bytes;
    for (const oldest of known.keys()) {
      if (knownBytes <= KNOWN_BYTES_MAX) break;
      forget(oldest);
    }
  };
  return async (rows) => {
    const pointers = rows.flatMap(({ id, item }) =>
      DETAILS.flatMap((field) => {
        const pointer = textOf(item, field);
        return pointer === undefined ? [] : [{ id, pointer, name: `${id}:${pointer}` }];
      }),
    );
    const values = new Map(pointers.map(({ name }) => [name, known.get(name)?.value]));
    const missing = pointers.filter(({ name }) => values.get(name) === undefined);
    const items = await readItems(missing.flatMap(({ id, pointer }) => chunkKeys(id, pointer)));
    const chunks = new Map(items.map((item) => [nameOf(item as Key), item['bytes']?.B]));
    for (const { id, pointer, name } of missing) {
      const bytes = joined(chunkKeys(id, pointer).map((key) => chunks.get(nameOf(key))));
      const value: unknown = JSON.parse(bytes.toString('utf8'));
      values.set(name, value);
      keep(name, value, bytes.length);
    }
    return rows.map(({ id, item }) => detailsOf(item, (pointer) => values.get(`${id}:${pointer}`)));
  };
}

function detailsOf(item: Item, lookUp: (pointer: string) => unknown): Details {
  const entries = DETAILS.flatMap((field) => {
    const pointer = textOf(item, field);
    return pointer === undefined ? [] : [[field, lookUp(pointer)] as const];
  });
  return Object.fromEntries(entries) as unknown as Pick<Transaction, 'plan'> & Details;
}

function chunkKeys(transactionId: string, pointer: string): readonly Key[] {
  const [digest, count] = pointer.split(':');
  return Array.from({ length: Number(count) }, (_, index) =>
    keyOf(partitionOf(transactionId), `part#${digest}#${index}`),
  );
}

const nameOf = (key: Key): string => `${key.pk.S}|${key.sk.S}`;

function joined(chunks: readonly (Uint8Array | undefined)[]): Buffer {
  const found = chunks.filter((one) => one !== undefined);
  if (found.length !== chunks.length)
    throw new InvariantError('a part that a row points to must be there');
  return Buffer.concat(found);
}
