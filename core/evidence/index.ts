export { base64Of, bytesOfBase64 } from './base64.ts';
export type { Bundle, BundleKey, BundleLog, LogProof } from './bundle.ts';
export { BUNDLE_BYTES_MAX, BUNDLE_VERSION, bundleBytes, parseBundle } from './bundle.ts';
export type { Check } from './check.ts';
export type { Checkpoint, CheckpointSignature } from './checkpoint.ts';
export { checkpointText, logOrigin, openCheckpoint, signedCheckpoint } from './checkpoint.ts';
export type { Envelope, OpenedEnvelope } from './envelope.ts';
export {
  envelopeText,
  openEnvelope,
  PAYLOAD_TYPE,
  parseEnvelope,
  preAuthEncoding,
  sealEnvelope,
} from './envelope.ts';
export type { KeyEntry } from './log-entry.ts';
export { KEY_PREDICATE_TYPE, KEY_VERSION, keyStatement, parseKeyStatement } from './log-entry.ts';
export type { Hasher, MerkleTree } from './merkle.ts';
export {
  consistencyProof,
  inclusionProof,
  leafHash,
  merkleRoot,
  merkleTree,
  nodeHash,
} from './merkle.ts';
export { isP256PublicKey, isStrictSignature } from './p256.ts';
export type { ConsistencyClaim, InclusionClaim } from './proof.ts';
export { verifyConsistency, verifyInclusion } from './proof.ts';
export type { EvidenceRecord, Observation } from './record.ts';
export {
  CONTROL_RECORD_KINDS,
  parseRecord,
  RECORD_BYTES_MAX,
  RECORD_VERSION,
  recordBytes,
  TRANSACTION_RECORD_KINDS,
} from './record.ts';
export type { Seal, SealStatus } from './seal.ts';
export {
  parseSeal,
  SEAL_PREDICATE_TYPE,
  SEAL_VERSION,
  STATEMENT_TYPE,
  sealDigest,
  sealStatement,
} from './seal.ts';
export type { Trust } from './trust.ts';
export type { EvidenceVerdict } from './verify.ts';
export { verifyBundle } from './verify.ts';
