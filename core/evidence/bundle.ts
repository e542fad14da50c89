import { z } from 'zod';
import { EvidenceError } from '../errors.ts';
import { base64Of, bytesOfBase64 } from './base64.ts';
import { parseStrict, strictBytes } from './canonical.ts';
import type { Envelope } from './envelope.ts';
import { openEnvelope } from './envelope.ts';
import { STREAM_ID_PATTERN } from './record.ts';

export const BUNDLE_VERSION = 1;
/** Bytes of a bundle file, at most. */
export const BUNDLE_BYTES_MAX = 256 * 1024 * 1024;

/** One stream's evidence as an outsider receives it. */
export interface Bundle {
  readonly streamId: string;
  /** Stored bytes of the records, in order. */
  readonly records: readonly Uint8Array[];
  /** In the order in which they were made. */
  readonly seals: readonly Envelope[];
  /** SPKI, DER. */
  readonly publicKey: Uint8Array;
  /** What the decisions were made on (policy set, entities, context), by SHA-256 hex. */
  readonly decisions?: Readonly<Record<string, Uint8Array>>;
}

/** The one file form of a bundle: RFC 8785 text and a newline. */
export function bundleBytes(bundle: Bundle): Uint8Array {
  const { streamId, records, seals, publicKey, decisions } = bundle;
  const contents = Object.entries(decisions ?? {}).map(([key, bytes]) => [key, base64Of(bytes)]);
  const body = strictBytes({
    v: BUNDLE_VERSION,
    streamId,
    records: records.map(base64Of),
    seals,
    publicKey: base64Of(publicKey),
    ...(decisions === undefined ? {} : { decisions: Object.fromEntries(contents) }),
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
  const parsed = BUNDLE.safeParse(value);
  if (!parsed.success) throw new EvidenceError('bundle-malformed', 'not an evidence bundle');
  const { streamId, records, seals, publicKey, decisions } = parsed.data;
  for (const seal of seals) openEnvelope(seal);
  const contents = Object.entries(decisions ?? {}).map(([key, text]) => [key, bytesOfBase64(text)]);
  return {
    streamId,
    records: records.map(bytesOfBase64),
    seals: seals as readonly Envelope[],
    publicKey: bytesOfBase64(publicKey),
    ...(decisions === undefined ? {} : { decisions: Object.fromEntries(contents) }),
  };
}

const BUNDLE = z.strictObject({
  v: z.literal(BUNDLE_VERSION),
  streamId: z.string().regex(STREAM_ID_PATTERN),
  records: z.array(z.string()),
  seals: z.array(z.unknown()),
  publicKey: z.string(),
  decisions: z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string()).exactOptional(),
});
