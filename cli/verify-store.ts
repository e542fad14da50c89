import type { z } from 'zod';
import { bundleOf } from '../api/view/bundle-of.ts';
import { EvidenceError } from '../core/errors.ts';
import { type EvidenceVerdict, type Trust, verifyBundle } from '../core/evidence/index.ts';
import { nodeCrypto } from '../core/evidence/node-crypto.ts';
import type { Ports } from '../core/tasks/ports.ts';
import type { EvidenceOfAll } from './json-shapes.ts';

/**
 * Verifies every transaction's stream of a store. Control streams (kill switch, refused calls) are
 * not sealed: they are counted, and the report says so.
 */
export async function verifyStore(
  ports: Pick<Ports, 'store' | 'signer'>,
  trust: Trust,
): Promise<z.infer<typeof EvidenceOfAll>> {
  const names = await ports.store.streams();
  const streams: z.infer<typeof EvidenceOfAll>['streams'] = [];
  for (const streamId of names.filter(isTransaction)) {
    streams.push({ streamId, ...(await verifyStream(ports, streamId, trust)) });
  }
  const control = names.filter((name) => !isTransaction(name));
  let records = 0;
  for (const streamId of control) records += (await ports.store.records(streamId)).length;
  return {
    ok: streams.every(({ ok }) => ok),
    streams,
    control: { streams: control.length, records, sealed: false },
  };
}

/** Verifies the evidence of one stream of a store. */
export async function verifyStream(
  ports: Pick<Ports, 'store' | 'signer'>,
  streamId: string,
  trust: Trust,
): Promise<EvidenceVerdict> {
  try {
    return verifyBundle(nodeCrypto, await bundleOf(ports, streamId), trust);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    // A seal that is not even an envelope.
    const integrity = { ok: false, reason: error.message } as const;
    const other = { ok: 'unknown', reason: 'not judged: the evidence cannot be read' } as const;
    return { ok: false, integrity, signer: other, complete: other, outcome: other };
  }
}

function isTransaction(streamId: string): boolean {
  return streamId.startsWith('tx:');
}
