import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { bundleOf } from '../api/view/bundle-of.ts';
import { bytesOfText, hexOf } from '../core/evidence/bytes.ts';
import type { Bundle, LogProof, Trust } from '../core/evidence/index.ts';
import {
  bundleBytes,
  checkpointText,
  inclusionProof,
  keyStatement,
  leafHash,
  logOrigin,
  merkleRoot,
  openEnvelope,
  parseBundle,
  signedCheckpoint,
  verifyBundle,
} from '../core/evidence/index.ts';
import { nodeCrypto } from '../core/evidence/node-crypto.ts';
import { propose } from '../core/tasks/propose.ts';
import { streamOf } from '../core/transaction.ts';
import { bestCpuMs } from './measure.ts';
import { iamWorld } from './worlds.ts';

/** All four verdicts of bundles of five-step transactions on one core, best of several rounds. */
export interface VerdictRate {
  readonly recordsPerSecond: number;
  readonly bundlesPerSecond: number;
  readonly recordsPerBundle: number;
  /** The same from the bytes of bundle files. */
  readonly recordsPerSecondFromFile: number;
  /** Of one bundle, in all. */
  readonly bundleUs: number;
  /** Floor: one verification of a signature; a bundle has two, of a seal and of the checkpoint. */
  readonly verifyP256Us: number;
}

const TRANSACTIONS = 100;
/** Entries of others in the log: proofs are as long as those of a log that is in use. */
const OTHER_ENTRIES = 1000;

/** Measures in a folder. */
export async function measureVerdicts(folder: string): Promise<VerdictRate> {
  const { bundles, trust } = inLog(await committedBundles(folder));
  const files = bundles.map(bundleBytes);
  const records = bundles.reduce((sum, one) => sum + one.records.length, 0);
  const bestMs = bestCpuMs(() => bundles.forEach((one) => void requireOk(one, trust)));
  const fileMs = bestCpuMs(() => files.forEach((one) => void requireOk(parseBundle(one), trust)));
  return {
    recordsPerSecond: Math.round((records / bestMs) * 1000),
    bundlesPerSecond: Math.round((bundles.length / bestMs) * 1000),
    recordsPerBundle: records / bundles.length,
    recordsPerSecondFromFile: Math.round((records / fileMs) * 1000),
    bundleUs: (bestMs / bundles.length) * 1000,
    verifyP256Us: verifyFloorUs(),
  };
}

async function committedBundles(folder: string): Promise<readonly Bundle[]> {
  const world = iamWorld(folder, { outcome: 'committed', roles: TRANSACTIONS });
  const { ports } = world.controlPlane;
  try {
    return await Promise.all(
      Array.from({ length: TRANSACTIONS }, async (_, index) => {
        const proposal = {
          plan: world.plan(index),
          idempotencyKey: `${index}`,
          actor: world.actor,
        };
        const { transaction } = await propose(ports, proposal);
        await world.controlPlane.run(transaction);
        return bundleOf(ports, streamOf(transaction.id));
      }),
    );
  } finally {
    world.controlPlane.close();
  }
}

/** Puts all of them into one log: the key first, then the seals, then what others have. */
function inLog(bundles: readonly Bundle[]): { bundles: readonly Bundle[]; trust: Trust } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const keyId = hexOf(nodeCrypto.sha256(spki));
  const sealKey = bundles[0]?.keys[0]?.publicKey ?? new Uint8Array();
  const statement = keyStatement({
    keyId: hexOf(nodeCrypto.sha256(sealKey)),
    publicKey: sealKey,
    at: '2026-11-25T03:00:00.000Z',
  });
  const others = Array.from({ length: OTHER_ENTRIES }, (_, index) => bytesOfText(`other ${index}`));
  const seals = bundles.map(({ seals: [seal] }) => openEnvelope(seal).statement);
  const leaves = [statement, ...seals, ...others].map((entry) => leafHash(nodeCrypto, entry));
  const place = (position: number): LogProof => ({
    position,
    proof: inclusionProof(nodeCrypto, leaves, position),
  });
  const root = merkleRoot(nodeCrypto, leaves);
  const head = { origin: logOrigin(keyId), size: leaves.length, root };
  const signature = new Uint8Array(sign('sha256', bytesOfText(checkpointText(head)), privateKey));
  const checkpoint = signedCheckpoint(head, { publicKey: spki, keyId, signature });
  const keys = [{ publicKey: sealKey, entry: { ...place(0), statement } }];
  return {
    trust: { trustedKeyIds: [keyId] },
    bundles: bundles.map((bundle, index) => ({
      ...bundle,
      keys,
      log: { publicKey: spki, checkpoint, seals: [place(index + 1)] },
    })),
  };
}

function requireOk(bundle: Bundle, trust: Trust): void {
  const verdict = verifyBundle(nodeCrypto, bundle, trust);
  if (!verdict.ok) throw new Error(`the bundle must verify: ${JSON.stringify(verdict)}`);
}

function verifyFloorUs(): number {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = createPublicKey(publicKey.export({ format: 'pem', type: 'spki' }));
  const message = bytesOfText('message');
  const signature = sign('sha256', message, privateKey);
  const times = 200;
  const ms = bestCpuMs(() => {
    for (let index = 0; index < times; index += 1) verify('sha256', message, key, signature);
  });
  return (ms / times) * 1000;
}
