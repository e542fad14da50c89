import { z } from 'zod';
import { count, digest, RecordShape } from './shapes.ts';

// Evidence as the API answers it.

const json = z.json();

const Observation = z.strictObject({ port: z.string(), requestDigest: digest, answer: json });

/** Records of one stream, whole, as evidence holds them. */
export const RecordList = z.strictObject({
  streamId: z.string(),
  records: z.array(
    z.strictObject({
      ...RecordShape.shape,
      v: z.literal(1),
      streamId: z.string(),
      observations: z.array(Observation),
    }),
  ),
  /** The `from` of the next page. */
  next: count.exactOptional(),
});
export type RecordList = z.infer<typeof RecordList>;

const proof = { position: count, proof: z.array(z.base64()) };

const BundleKey = z.strictObject({
  publicKey: z.base64(),
  entry: z.strictObject({ ...proof, statement: z.base64() }).exactOptional(),
});

const BundleLog = z.strictObject({
  publicKey: z.base64(),
  /** C2SP signed note. */
  checkpoint: z.string(),
  seals: z.array(z.strictObject(proof)),
  consistency: z.strictObject({ size: count, proof: z.array(z.base64()) }).exactOptional(),
});

/** The evidence of one stream as a file: base64 of RFC 8785 bytes, DSSE envelopes, SPKI, proofs. */
export const Bundle = z.strictObject({
  v: z.literal(2),
  streamId: z.string(),
  records: z.array(z.base64()),
  seals: z.array(z.record(z.string(), json)),
  keys: z.array(BundleKey),
  log: BundleLog.exactOptional(),
  contents: z.record(digest, z.base64()),
});
export type Bundle = z.infer<typeof Bundle>;
