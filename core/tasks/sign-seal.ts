import {
  envelopeText,
  openEnvelope,
  parseEnvelope,
  preAuthEncoding,
  sealEnvelope,
} from '../evidence/envelope.ts';
import {
  SEAL_FINAL_STATUSES,
  type SealStatus,
  sealDigest,
  sealStatement,
} from '../evidence/seal.ts';
import type { StoredSeal } from '../ports/store.ts';
import type { Ports } from './ports.ts';

/** What a seal is to say. */
export interface SealWish {
  readonly streamId: string;
  /** How many records it covers. */
  readonly treeSize: number;
  /** Their root, hex. */
  readonly root: string;
  readonly status: SealStatus;
  /** The seal before it; undefined for the first. */
  readonly last: StoredSeal | undefined;
}

/** Signs a seal over records that the caller has looked at; nothing is stored yet. */
export async function signSeal(
  { crypto, signer, clock }: Pick<Ports, 'crypto' | 'signer' | 'clock'>,
  { streamId, treeSize, root, status, last }: SealWish,
): Promise<StoredSeal> {
  const statement = sealStatement({
    v: 1,
    streamId,
    treeSize,
    root,
    status,
    final: SEAL_FINAL_STATUSES.has(status),
    ...(last === undefined
      ? {}
      : { previousSeal: sealDigest(crypto, openEnvelope(parseEnvelope(last.envelope)).statement) }),
    at: new Date(clock.now()).toISOString(),
  });
  const signature = await signer.sign(preAuthEncoding(statement));
  const envelope = envelopeText(sealEnvelope({ statement, keyId: signer.keyId, signature }));
  return { streamId, treeSize, envelope, publicKey: signer.publicKey };
}
