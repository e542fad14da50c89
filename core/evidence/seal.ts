import { EvidenceError } from '../errors.ts';
import { hexOf } from './bytes.ts';
import { parseStrict, strictBytes } from './canonical.ts';
import type { Hasher } from './merkle.ts';
import { STREAM_ID_PATTERN, TIMESTAMP_PATTERN, TRANSACTION_PREFIX } from './record.ts';
import type { Field } from './shape.ts';
import { isCount, isDigest, isShaped, isTextOf } from './shape.ts';

/** in-toto attestation framework, Statement v1. */
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** Names the predicate below; an identifier, not an address. */
export const SEAL_PREDICATE_TYPE = 'https://interlock.dev/evidence/seal/v1';
export const SEAL_VERSION = 1;
/** Canonical bytes of a seal's statement, at most. */
export const STATEMENT_BYTES_MAX = 4096;

/** What a stream may be sealed as: a transaction's status, or the state of any other stream. */
export const SEAL_STATUSES = [
  'proposed',
  'awaiting-approval',
  'running',
  'compensating',
  'parked',
  'committed',
  'rejected',
  'compensated',
  'stuck',
  'open',
  'closed',
] as const;
export type SealStatus = (typeof SEAL_STATUSES)[number];

/** The statuses whose seal is final. */
export const SEAL_FINAL_STATUSES: ReadonlySet<SealStatus> = new Set<SealStatus>([
  'committed',
  'rejected',
  'compensated',
  'stuck',
  'closed',
]);

/** What a seal says of a stream: these records, in this order, and nothing else up to here. */
export interface Seal {
  readonly v: typeof SEAL_VERSION;
  readonly streamId: string;
  /** At least 1. */
  readonly treeSize: number;
  /** RFC 9162 root hash over the records, hex. */
  readonly root: string;
  readonly status: SealStatus;
  /** True exactly for a final status; a seal that is not final means "open", never "complete". */
  readonly final: boolean;
  /** SHA-256 of the previous seal's statement bytes, hex; absent on the first. */
  readonly previousSeal?: string;
  /** The host's clock, RFC 3339 in UTC with milliseconds. */
  readonly at: string;
}

/** Canonical bytes of the in-toto Statement around a seal. Throws `EvidenceError`
 * (`seal-malformed`) on a seal that `parseSeal` would refuse. */
export function sealStatement(seal: Seal): Uint8Array {
  requireSeal(isSeal(seal));
  return strictBytes({
    _type: STATEMENT_TYPE,
    subject: [{ name: seal.streamId, digest: { sha256: seal.root } }],
    predicateType: SEAL_PREDICATE_TYPE,
    predicate: seal,
  });
}

/** The seal of a statement's bytes. Throws `EvidenceError`: `seal-version`, `seal-malformed`, and
 * what `parseStrict` throws. */
export function parseSeal(statement: Uint8Array): Seal {
  requireSeal(statement.length <= STATEMENT_BYTES_MAX);
  const value = parseStrict(statement);
  const version = (value as { predicate?: { v?: unknown } }).predicate?.v;
  if (Number.isSafeInteger(version) && version !== SEAL_VERSION) {
    throw new EvidenceError('seal-version', `seal version \`${version}\` is unknown`);
  }
  requireSeal(isShaped(value, STATEMENT));
  const { subject, predicate } = value as SealStatement;
  const [{ name, digest }] = subject;
  requireSeal(name === predicate.streamId && digest.sha256 === predicate.root);
  return predicate;
}

/** What the next seal names as `previousSeal`: SHA-256 of a statement's bytes, hex. */
export function sealDigest(hasher: Hasher, statement: Uint8Array): string {
  return hexOf(hasher.sha256(statement));
}

function requireSeal(holds: boolean): void {
  if (!holds) throw new EvidenceError('seal-malformed', 'not a seal statement');
}

interface SealStatement {
  readonly subject: readonly [{ readonly name: string; readonly digest: { sha256: string } }];
  readonly predicate: Seal;
}

const SEAL: readonly Field[] = [
  { name: 'v', isValid: (value) => value === SEAL_VERSION },
  { name: 'streamId', isValid: isTextOf(STREAM_ID_PATTERN) },
  { name: 'treeSize', isValid: (value) => isCount(value) && value > 0 },
  { name: 'root', isValid: isDigest },
  { name: 'status', isValid: (value) => STATUSES.has(value) },
  { name: 'final', isValid: (value) => typeof value === 'boolean' },
  { name: 'previousSeal', isOptional: true, isValid: isDigest },
  { name: 'at', isValid: isTextOf(TIMESTAMP_PATTERN) },
];

const STATUSES: ReadonlySet<unknown> = new Set(SEAL_STATUSES);

const SUBJECT: readonly Field[] = [
  { name: 'name', isValid: isTextOf(STREAM_ID_PATTERN) },
  {
    name: 'digest',
    isValid: (value) => isShaped(value, [{ name: 'sha256', isValid: isDigest }]),
  },
];

const STATEMENT: readonly Field[] = [
  { name: '_type', isValid: (value) => value === STATEMENT_TYPE },
  { name: 'subject', isValid: isOneSubject },
  { name: 'predicateType', isValid: (value) => value === SEAL_PREDICATE_TYPE },
  { name: 'predicate', isValid: isSeal },
];

function isOneSubject(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && isShaped(value[0], SUBJECT);
}

function isSeal(value: unknown): boolean {
  if (!isShaped(value, SEAL)) return false;
  const { streamId, status, final } = value as Seal;
  return final === SEAL_FINAL_STATUSES.has(status) && isStatusOfStream(streamId, status);
}

function isStatusOfStream(streamId: string, status: SealStatus): boolean {
  return streamId.startsWith(TRANSACTION_PREFIX) !== (status === 'open' || status === 'closed');
}
