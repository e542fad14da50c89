import { EvidenceError } from '../errors.ts';
import { base64Of } from './base64.ts';
import { readBundleValue } from './bundle-value.ts';
import { parseStrict, strictBytes } from './canonical.ts';
import type { Envelope } from './envelope.ts';

export const BUNDLE_VERSION = 2;
/** Bytes of a bundle file, at most. */
export const BUNDLE_BYTES_MAX = 256 * 1024 * 1024;

/** Where an entry stands in the log, and what shows it. */
export interface LogProof {
  readonly position: number;
  /** RFC 9162, 2.1.3, to the bundle's checkpoint: 32 bytes each. */
  readonly proof: readonly Uint8Array[];
}

/** A key that seals name. */
export interface BundleKey {
  /** SPKI, DER. */
  readonly publicKey: Uint8Array;
  /** Where the log took it in; there wherever a seal by it is in the log. */
  readonly entry?: LogProof & { readonly statement: Uint8Array };
}

/** What the log says of a stream. */
export interface BundleLog {
  /** SPKI, DER: the key of the log, which is another than any that seals. */
  readonly publicKey: Uint8Array;
  /** A C2SP signed note. */
  readonly checkpoint: string;
  /** Of the first seals, in order; fewer than there are when the last are not in the log yet. */
  readonly seals: readonly LogProof[];
  /** From an older checkpoint of that size to this one: RFC 9162, 2.1.4. */
  readonly consistency?: { readonly size: number; readonly proof: readonly Uint8Array[] };
}

/** One stream's evidence as an outsider receives it. */
export interface Bundle {
  readonly streamId: string;
  /** Stored bytes of the records, in order. */
  readonly records: readonly Uint8Array[];
  /** In the order in which they were made. */
  readonly seals: readonly Envelope[];
  /** Exactly those that the seals name, sorted by key id. */
  readonly keys: readonly BundleKey[];
  readonly log?: BundleLog;
  /** What the decisions were made on (policy set, entities, context), by SHA-256 hex. */
  readonly contents: Readonly<Record<string, Uint8Array>>;
}

/** The one file form of a bundle: RFC 8785 text and a newline. */
export function bundleBytes(bundle: Bundle): Uint8Array {
  const { streamId, records, seals, keys, log, contents } = bundle;
  const body = strictBytes({
    v: BUNDLE_VERSION,
    streamId,
    records: records.map(base64Of),
    seals,
    keys: keys.map(keyValue),
    ...(log === undefined ? {} : { log: logValue(log) }),
    contents: Object.fromEntries(
      Object.entries(contents).map(([digest, bytes]) => [digest, base64Of(bytes)]),
    ),
  });
  const file = new Uint8Array(body.length + 1);
  file.set(body);
  file[body.length] = 0x0a;
  return file;
}

/** Reads a bundle file; nothing is verified yet. Throws `EvidenceError`: `bundle-too-large`,
 * `bundle-version`, `bundle-malformed`, and what `parseStrict` and `openEnvelope` throw. */
export function parseBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > BUNDLE_BYTES_MAX) {
    throw new EvidenceError('bundle-too-large', `a bundle is above ${BUNDLE_BYTES_MAX} bytes`);
  }
  const value = parseStrict(bytes, '\n');
  const version = (value as { v?: unknown }).v;
  if (Number.isSafeInteger(version) && version !== BUNDLE_VERSION) {
    throw new EvidenceError('bundle-version', `bundle version \`${version}\` is unknown`);
  }
  return readBundleValue(value, BUNDLE_VERSION);
}

function keyValue({ publicKey, entry }: BundleKey): object {
  if (entry === undefined) return { publicKey: base64Of(publicKey) };
  const statement = base64Of(entry.statement);
  return { publicKey: base64Of(publicKey), entry: { ...proofValue(entry), statement } };
}

function logValue({ publicKey, checkpoint, seals, consistency }: BundleLog): object {
  const body = { publicKey: base64Of(publicKey), checkpoint, seals: seals.map(proofValue) };
  if (consistency === undefined) return body;
  const { size, proof } = consistency;
  return { ...body, consistency: { size, proof: proof.map(base64Of) } };
}

function proofValue({ position, proof }: LogProof): object {
  return { position, proof: proof.map(base64Of) };
}
