import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { functionNamed, type World } from './world.ts';

/** What is deployed of one function, in bytes. */
export interface Bundle {
  readonly entry: string;
  readonly code: number;
  /** Unpacked: code, source map and what stands beside it. */
  readonly unpacked: number;
  readonly zipped: number;
}

/** Measures the zip of a function as Lambda has it. */
export async function bundleOf(
  world: Pick<World, 'lambda' | 'functions' | 'emulator'>,
  entry: string,
): Promise<Bundle> {
  const FunctionName = functionNamed(world, entry);
  const { Code } = await world.lambda.send(new GetFunctionCommand({ FunctionName }));
  const location = new URL(Code?.Location ?? '', world.emulator.endpoint);
  const answer = await fetch(new URL(location.pathname + location.search, world.emulator.endpoint));
  if (!answer.ok) throw new Error(`${entry}: its code is answered with ${answer.status}`);
  const zip = Buffer.from(await answer.arrayBuffer());
  const sizes = sizesIn(zip);
  const unpacked = [...sizes.values()].reduce((sum, one) => sum + one, 0);
  return { entry, code: sizes.get('index.js') ?? 0, unpacked, zipped: zip.length };
}

// The central directory, APPNOTE.TXT 4.3.12: each entry says size and name.
const ENTRY_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;

function sizesIn(zip: Buffer): ReadonlyMap<string, number> {
  const end = zip.length - END_BYTES;
  if (zip.readUInt32LE(end) !== END_SIGNATURE) throw new Error('it is not a zip without comment');
  const sizes = new Map<string, number>();
  let at = zip.readUInt32LE(end + 16);
  while (at < end && zip.readUInt32LE(at) === ENTRY_SIGNATURE) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const start = at + 46;
    sizes.set(zip.toString('utf8', start, start + (name ?? 0)), zip.readUInt32LE(at + 24));
    at = start + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return sizes;
}
