import { bytesOfText } from '../../../../core/evidence/bytes.ts';
import { strictText } from '../../../../core/evidence/canonical.ts';
import type { Bundle } from '../../../../core/evidence/index.ts';
import { base64Of } from '../../../../core/evidence/index.ts';

/** The members of a bundle file as text, so that a test can spell each of them. */
export interface BundleText {
  readonly streamId: string;
  readonly publicKey: string;
  /** Base64, or what claims to be. */
  readonly records: readonly string[];
  /** Canonical JSON. */
  readonly seals: readonly string[];
}

/** The text of a bundle's members. */
export function bundleText(bundle: Bundle): BundleText {
  return {
    streamId: bundle.streamId,
    publicKey: base64Of(bundle.publicKey),
    records: bundle.records.map(base64Of),
    seals: bundle.seals.map(strictText),
  };
}

/** The canonical bundle file of these members, made without the code under test. */
export function fileOf({ streamId, publicKey, records, seals }: BundleText): Uint8Array {
  const head = `{"publicKey":${JSON.stringify(publicKey)},"records":${JSON.stringify(records)}`;
  const tail = `"seals":[${seals.join(',')}],"streamId":${JSON.stringify(streamId)},"v":1}`;
  return bytesOfText(`${head},${tail}\n`);
}
