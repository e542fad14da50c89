import { EvidenceError } from '../errors.ts';
import { base64Of, bytesOfBase64 } from './base64.ts';
import { bytesOfText } from './bytes.ts';
import { parseStrict, strictText } from './canonical.ts';
import type { Field } from './shape.ts';
import { isDigest, isShaped, isText } from './shape.ts';

/** What DSSE carries here: an in-toto Statement. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** A DSSE envelope with exactly one signature. */
export interface Envelope {
  /** Strict base64 of the statement's bytes. */
  readonly payload: string;
  readonly payloadType: typeof PAYLOAD_TYPE;
  readonly signatures: readonly [{ readonly keyid: string; readonly sig: string }];
}

/** What an envelope says, decoded; nothing is verified yet. */
export interface OpenedEnvelope {
  readonly statement: Uint8Array;
  readonly keyId: string;
  /** Strict DER is asked by the verification. */
  readonly signature: Uint8Array;
}

/** The bytes that are signed. DSSE v1.0.2, protocol: PAE(type, body). */
export function preAuthEncoding(
  payload: Uint8Array,
  payloadType: string = PAYLOAD_TYPE,
): Uint8Array {
  const typeLength = bytesOfText(payloadType).length;
  const head = bytesOfText(`DSSEv1 ${typeLength} ${payloadType} ${payload.length} `);
  const encoded = new Uint8Array(head.length + payload.length);
  encoded.set(head);
  encoded.set(payload, head.length);
  return encoded;
}

/** Puts a statement and its signature over `preAuthEncoding(statement)` into an envelope. */
export function sealEnvelope(parts: OpenedEnvelope): Envelope {
  return {
    payload: base64Of(parts.statement),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ keyid: parts.keyId, sig: base64Of(parts.signature) }],
  };
}

/** Decodes an envelope. Throws `EvidenceError` (`envelope-malformed`, `not-base64`). */
export function openEnvelope(envelope: unknown): OpenedEnvelope {
  if (!isShaped(envelope, ENVELOPE)) {
    throw new EvidenceError('envelope-malformed', 'not a seal envelope');
  }
  const { payload, signatures } = envelope as Envelope;
  const [{ keyid, sig }] = signatures;
  return { statement: bytesOfBase64(payload), keyId: keyid, signature: bytesOfBase64(sig) };
}

/** RFC 8785 text of an envelope, as stores keep it. */
export function envelopeText(envelope: Envelope): string {
  return strictText(envelope);
}

/** The envelope of `envelopeText`. Throws `EvidenceError` as `openEnvelope` does, and for another
 * spelling. */
export function parseEnvelope(text: string): Envelope {
  const value = parseStrict(bytesOfText(text));
  openEnvelope(value);
  return value as Envelope;
}

const SIGNATURE: readonly Field[] = [
  { name: 'keyid', isValid: isDigest },
  { name: 'sig', isValid: isText },
];

const ENVELOPE: readonly Field[] = [
  { name: 'payload', isValid: isText },
  { name: 'payloadType', isValid: (value) => value === PAYLOAD_TYPE },
  { name: 'signatures', isValid: isOneSignature },
];

function isOneSignature(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && isShaped(value[0], SIGNATURE);
}
