import fs from 'node:fs';
import { PAGE_BYTES } from './page-size.ts';

// Numbers of "WAL-mode File Format", SQLite, 4.
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
const MAGIC = 0x377f0682;

/** What a write-ahead log holds of pages. */
export interface WalPages {
  /** Where the newest committed image of a page stands in the file. */
  readonly offsets: ReadonlyMap<number, number>;
  /** Pages of the database after the last commit; 0 when there was none. */
  readonly pageCount: number;
  readonly problems: readonly string[];
}

type Sums = readonly [number, number];

/**
 * Reads a write-ahead log up to the first frame that is not as it was written, as SQLite does. A
 * frame behind that one which was written whole makes it damage: after a crash nothing is there.
 */
export function readWal(file: number, size: number): WalPages {
  const header = readAt(file, 0, HEADER_BYTES);
  if (size < HEADER_BYTES) return empty(size === 0 ? [] : ['the log (-wal) is cut off']);
  if (!isHeader(header)) return empty(['the header of the log (-wal) is damaged']);
  const isBigEndian = (header.readUInt32BE(0) & 1) === 1;
  const salts = header.subarray(16, 24);
  const committed = new Map<number, number>();
  let open = new Map<number, number>();
  let sums = checksum(header.subarray(0, 24), isBigEndian, [0, 0]);
  let pageCount = 0;
  const frames = Math.floor((size - HEADER_BYTES) / FRAME_BYTES);
  for (let index = 0; index < frames; index += 1) {
    const offset = HEADER_BYTES + index * FRAME_BYTES;
    const frame = readAt(file, offset, FRAME_BYTES);
    sums = sumOf(frame, isBigEndian, sums);
    if (!isOfLog(frame, salts) || !holds(frame, sums)) {
      const lost = lostFrames({ file, frames, salts, isBigEndian }, index);
      // A process that writes has begun the log anew meanwhile: what was read is of two logs.
      if (!readAt(file, 0, HEADER_BYTES).equals(header))
        return { offsets: committed, pageCount, problems: [] };
      return { offsets: committed, pageCount, problems: lostText(index, frames, lost) };
    }
    open.set(frame.readUInt32BE(0), offset + FRAME_HEADER_BYTES);
    const commit = frame.readUInt32BE(4);
    if (commit === 0) continue;
    for (const [page, at] of open) committed.set(page, at);
    open = new Map();
    pageCount = commit;
  }
  return { offsets: committed, pageCount, problems: [] };
}

function empty(problems: readonly string[]): WalPages {
  return { offsets: new Map(), pageCount: 0, problems };
}

function isHeader(header: Buffer): boolean {
  const isBigEndian = (header.readUInt32BE(0) & 1) === 1;
  const isKnown = header.readUInt32BE(0) >>> 1 === MAGIC >>> 1;
  const sums = checksum(header.subarray(0, 24), isBigEndian, [0, 0]);
  const [first, second] = sums;
  return (
    isKnown &&
    header.readUInt32BE(8) === PAGE_BYTES &&
    header.readUInt32BE(24) === first &&
    header.readUInt32BE(28) === second
  );
}

function isOfLog(frame: Buffer, salts: Buffer): boolean {
  return frame.subarray(8, 16).equals(salts);
}

function holds(frame: Buffer, [first, second]: Sums): boolean {
  return frame.readUInt32BE(16) === first && frame.readUInt32BE(20) === second;
}

function sumOf(frame: Buffer, isBigEndian: boolean, before: Sums): Sums {
  const head = checksum(frame.subarray(0, 8), isBigEndian, before);
  return checksum(frame.subarray(FRAME_HEADER_BYTES), isBigEndian, head);
}

function checksum(bytes: Buffer, isBigEndian: boolean, [first, second]: Sums): Sums {
  let one = first;
  let two = second;
  for (let at = 0; at < bytes.length; at += 8) {
    const left = isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    const right = isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4);
    one = (one + left + two) >>> 0;
    two = (two + right + one) >>> 0;
  }
  return [one, two];
}

interface Log {
  readonly file: number;
  readonly frames: number;
  readonly salts: Buffer;
  readonly isBigEndian: boolean;
}

/** Frames behind a broken one that are whole by the sums that the frame before each has stored. */
function lostFrames({ file, frames, salts, isBigEndian }: Log, broken: number): number {
  let lost = 0;
  for (let index = broken + 1; index < frames; index += 1) {
    const offset = HEADER_BYTES + index * FRAME_BYTES;
    const before = readAt(file, offset - FRAME_BYTES, FRAME_HEADER_BYTES);
    const frame = readAt(file, offset, FRAME_BYTES);
    const stored: Sums = [before.readUInt32BE(16), before.readUInt32BE(20)];
    if (isOfLog(frame, salts) && holds(frame, sumOf(frame, isBigEndian, stored))) lost += 1;
  }
  return lost;
}

function lostText(index: number, frames: number, lost: number): readonly string[] {
  if (lost === 0) return [];
  return [
    `frame ${index + 1} of ${frames} of the log (-wal) is damaged; ` +
      `the writes of it and of ${lost} whole frame(s) behind it are lost`,
  ];
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  fs.readSync(file, bytes, 0, length, offset);
  return bytes;
}
