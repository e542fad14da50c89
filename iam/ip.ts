const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const V6_GROUP = /^[0-9a-f]{1,4}$/i;

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function parseAddress(text: string): Address | undefined {
  const v4 = V4.exec(text);
  if (v4 === null) return parseV6(text);
  const parts = v4.slice(1).map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return { bits: 32, value: parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
}

function parseV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (head === undefined) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = tail === undefined ? head : [...head, ...Array(missing).fill('0'), ...tail];
  if (groups.some((group) => !V6_GROUP.test(group))) return undefined;
  return {
    bits: 128,
    value: groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n),
  };
}

/**
 * Whether an address is in a CIDR block (a bare address is a block of one); undefined when either
 * does not parse.
 */
export function inBlock(address: string, block: string): boolean | undefined {
  const [base, length, ...rest] = block.split('/');
  const network = parseAddress(base ?? '');
  const host = parseAddress(address);
  if (network === undefined || host === undefined || rest.length > 0) return undefined;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const prefix = length === undefined ? network.bits : Number(length);
  if (prefix > network.bits) return undefined;
  const shift = BigInt(network.bits - prefix);
  return network.bits === host.bits && network.value >> shift === host.value >> shift;
}
