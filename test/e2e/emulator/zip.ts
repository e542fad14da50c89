import { crc32 } from 'node:zlib';

/** A zip archive that holds one file as it is: the code of a Lambda in a test. */
export function zipOf(file: string, text: string): Uint8Array {
  const name = Buffer.from(file);
  const content = Buffer.from(text);
  // PKWARE APPNOTE 4.3: what the local header and the central directory both say.
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(VERSION_NEEDED, 0);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(content.length, 14);
  shared.writeUInt32LE(content.length, 18);
  shared.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([signed(0x04034b50), shared, name, content]);
  const version = Buffer.alloc(2);
  version.writeUInt16LE(MADE_ON_UNIX | VERSION_NEEDED);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  const entry = Buffer.concat([signed(0x02014b50), version, shared, attributes, name]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(entry.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, entry, signed(0x06054b50), end]);
}

const VERSION_NEEDED = 20;
const MADE_ON_UNIX = 3 << 8;

function signed(signature: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(signature);
  return bytes;
}
