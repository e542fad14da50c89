import { bytesOfText } from '../../../../core/evidence/bytes.ts';
import { strictText } from '../../../../core/evidence/canonical.ts';
import type { Bundle, LogProof } from '../../../../core/evidence/index.ts';
import { base64Of } from '../../../../core/evidence/index.ts';

/** A proof of a bundle file as JSON. */
export interface ProofText {
  readonly position: number;
  readonly proof: readonly string[];
}

/** A key of a bundle file as JSON. */
export interface KeyText {
  readonly publicKey: string;
  readonly entry?: ProofText & { readonly statement: string };
}

/** The log part of a bundle file as JSON. */
export interface LogText {
  readonly publicKey: string;
  readonly checkpoint: string;
  readonly seals: readonly ProofText[];
  readonly consistency?: { readonly size: number; readonly proof: readonly string[] };
}

/** The members of a bundle file, so that a test can spell each of them: base64, or what claims to
 * be, and JSON values. */
export interface BundleText {
  readonly streamId: string;
  readonly records: readonly string[];
  readonly seals: readonly unknown[];
  readonly keys: readonly unknown[];
  readonly log?: unknown;
  readonly contents: unknown;
}

/** The same as it is in an honest file. */
export interface HonestText extends BundleText {
  readonly keys: readonly KeyText[];
  readonly log?: LogText;
  readonly contents: Readonly<Record<string, string>>;
}

/** The members of a bundle. */
export function bundleText(bundle: Bundle): HonestText {
  const { streamId, records, seals, keys, log, contents } = bundle;
  return {
    streamId,
    records: records.map(base64Of),
    seals,
    keys: keys.map(({ publicKey, entry }) => ({
      publicKey: base64Of(publicKey),
      ...(entry === undefined
        ? {}
        : { entry: { ...proofText(entry), statement: base64Of(entry.statement) } }),
    })),
    ...(log === undefined
      ? {}
      : {
          log: {
            publicKey: base64Of(log.publicKey),
            checkpoint: log.checkpoint,
            seals: log.seals.map(proofText),
            ...(log.consistency === undefined
              ? {}
              : {
                  consistency: {
                    size: log.consistency.size,
                    proof: log.consistency.proof.map(base64Of),
                  },
                }),
          },
        }),
    contents: Object.fromEntries(
      Object.entries(contents).map(([digest, bytes]) => [digest, base64Of(bytes)]),
    ),
  };
}

function proofText({ position, proof }: LogProof): ProofText {
  return { position, proof: proof.map(base64Of) };
}

/** The canonical bundle file of these members, put together without the code under test. */
export function fileOf({ streamId, records, seals, keys, log, contents }: BundleText): Uint8Array {
  const members = [
    `"contents":${strictText(contents)}`,
    `"keys":[${keys.map(strictText).join(',')}]`,
    ...(log === undefined ? [] : [`"log":${strictText(log)}`]),
    `"records":${JSON.stringify(records)}`,
    `"seals":[${seals.map(strictText).join(',')}]`,
    `"streamId":${JSON.stringify(streamId)}`,
    '"v":2',
  ];
  return bytesOfText(`{${members.join(',')}}\n`);
}
