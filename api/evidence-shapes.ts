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

/** The evidence of one stream as a file: base64 of RFC 8785 bytes, DSSE envelopes, SPKI. */
export const Bundle = z.strictObject({
  v: z.literal(1),
  streamId: z.string(),
  records: z.array(z.base64()),
  seals: z.array(z.record(z.string(), json)),
  publicKey: z.base64(),
  decisions: z.record(digest, z.base64()).exactOptional(),
});
export type Bundle = z.infer<typeof Bundle>;
