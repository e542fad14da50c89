import { PAGE_BYTES } from './page-size.ts';
import type { Pages } from './pages.ts';

// Numbers of "Database File Format", SQLite, 1.6 and 2.1.
const INDEX_INTERIOR = 2;
const INDEX_LEAF = 10;
const TABLE_LEAF = 13;
const FIRST_PAGE_HEADER_BYTES = 100;
const OVERFLOW_BYTES = PAGE_BYTES - 4;
const LOCAL_MIN = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23;
const TABLE_LOCAL_MAX = PAGE_BYTES - 35;
const INDEX_LOCAL_MAX = Math.floor(((PAGE_BYTES - 12) * 64) / 255) - 23;
/** Bytes of a row, at most: far above any that the store writes. */
const PAYLOAD_BYTES_MAX = 64 * 1024 * 1024;
const COLUMNS_MAX = 64;

/** A column as SQLite stores it. */
export type StoredValue = null | number | string | Buffer;

/** One cell of a leaf of a table, or of an index. */
export interface Cell {
  readonly of: 'table' | 'index';
  /** Of a table's row; 0 in an index. */
  readonly rowId: number;
  readonly values: readonly StoredValue[];
}

/** The cells of a page, and how many of them could not be read. */
export interface PageCells {
  readonly cells: readonly Cell[];
  readonly unreadable: number;
}

/** Reads the rows that begin on a page, whatever tree it belongs to. Throws nothing. */
export function cellsOf(pages: Pages, page: number): PageCells {
  const bytes = pages.read(page);
  const at = page === 1 ? FIRST_PAGE_HEADER_BYTES : 0;
  const type = bytes.readUInt8(at);
  if (type !== TABLE_LEAF && type !== INDEX_LEAF && type !== INDEX_INTERIOR)
    return { cells: [], unreadable: 0 };
  const pointersAt = at + (type === INDEX_INTERIOR ? 12 : 8);
  const room = Math.floor((PAGE_BYTES - pointersAt) / 2);
  const count = Math.min(bytes.readUInt16BE(at + 3), room);
  const cells: Cell[] = [];
  for (let index = 0; index < count; index += 1) {
    const cell = readCell(pages, { bytes, type, at: bytes.readUInt16BE(pointersAt + 2 * index) });
    if (cell !== undefined) cells.push(cell);
  }
  return { cells, unreadable: count - cells.length };
}

interface CellPlace {
  readonly bytes: Buffer;
  readonly type: number;
  readonly at: number;
}

function readCell(pages: Pages, { bytes, type, at }: CellPlace): Cell | undefined {
  try {
    const isTable = type === TABLE_LEAF;
    const size = varint(bytes, type === INDEX_INTERIOR ? at + 4 : at);
    const row = isTable ? varint(bytes, size.end) : { value: 0, end: size.end };
    const localMax = isTable ? TABLE_LOCAL_MAX : INDEX_LOCAL_MAX;
    const payload = payloadAt(pages, { bytes, at: row.end, size: size.value, localMax });
    return { of: isTable ? 'table' : 'index', rowId: row.value, values: valuesOf(payload) };
  } catch {
    // Out of the page, no UTF-8, a chain that leads nowhere: not a row any more.
    return undefined;
  }
}

function payloadAt(
  pages: Pages,
  { bytes, at, size, localMax }: { bytes: Buffer; at: number; size: number; localMax: number },
): Buffer {
  if (size > PAYLOAD_BYTES_MAX) throw new RangeError('a row has no such size');
  if (size <= localMax) return within(bytes, at, size);
  const wanted = LOCAL_MIN + ((size - LOCAL_MIN) % OVERFLOW_BYTES);
  const local = wanted <= localMax ? wanted : LOCAL_MIN;
  const parts = [within(bytes, at, local)];
  let next = bytes.readUInt32BE(at + local);
  for (let left = size - local; left > 0; left -= OVERFLOW_BYTES) {
    if (next < 1 || next > pages.count) throw new RangeError('a chain leads out of the file');
    const page = pages.read(next);
    parts.push(page.subarray(4, 4 + Math.min(left, OVERFLOW_BYTES)));
    next = page.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function valuesOf(payload: Buffer): readonly StoredValue[] {
  const header = varint(payload, 0);
  const values: StoredValue[] = [];
  let at = header.value;
  for (let read = header.end; read < header.value; ) {
    const type = varint(payload, read);
    read = type.end;
    const size = sizeOf(type.value);
    values.push(columnOf(type.value, within(payload, at, size)));
    at += size;
    if (values.length > COLUMNS_MAX) throw new RangeError('a row has fewer columns');
  }
  if (at !== payload.length) throw new RangeError('a row has another size');
  return values;
}

const INTEGER_BYTES: readonly number[] = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function sizeOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  const size = INTEGER_BYTES[type];
  if (size === undefined) throw new RangeError('there is no such type');
  return size;
}

function columnOf(type: number, bytes: Buffer): StoredValue {
  if (type === 0) return null;
  if (type === 8) return 0;
  if (type === 9) return 1;
  if (type >= 12) return type % 2 === 0 ? bytes : UTF8.decode(bytes);
  if (type === 7) return bytes.readDoubleBE(0);
  return bytes.length <= 6 ? bytes.readIntBE(0, bytes.length) : Number(bytes.readBigInt64BE(0));
}

function within(bytes: Buffer, at: number, size: number): Buffer {
  if (at + size > bytes.length) throw new RangeError('a row ends outside of its page');
  return bytes.subarray(at, at + size);
}

/** A number of one to nine bytes, seven bits each, all eight of the ninth. */
function varint(bytes: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes.readUInt8(at + index);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return { value: value * 256 + bytes.readUInt8(at + 8), end: at + 9 };
}
