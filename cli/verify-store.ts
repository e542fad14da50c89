import type { z } from 'zod';
import { bundleOf } from '../api/view/bundle-of.ts';
import { EvidenceError, StoreDamagedError } from '../core/errors.ts';
import {
  type EvidenceVerdict,
  nodeCrypto,
  type Trust,
  verifyBundle,
} from '../core/evidence/index.ts';
import type { Ports } from '../core/tasks/ports.ts';
import type { EvidenceOfAll } from './json-shapes.ts';

/** Streams that a report names, at most; it counts them all. */
const NAMED_MAX = 1000;

type Report = z.infer<typeof EvidenceOfAll>;

/** How a whole store is verified. */
export interface VerifyStoreOptions {
  readonly trust: Trust;
  /** What is wrong with the files; then the report is not ok, whatever the streams say. */
  readonly damage: readonly string[];
  readonly onProgress: (done: number, count: number) => void;
}

/**
 * Verifies every transaction's stream of a store, one at a time in memory. Control streams (kill
 * switch, refused calls) are not sealed: they are counted, and the report says so.
 */
export async function verifyStore(
  ports: Pick<Ports, 'store' | 'signer'>,
  { trust, damage, onProgress }: VerifyStoreOptions,
): Promise<Report> {
  const names = await ports.store.streams();
  const transactions = names.filter(isTransaction);
  const streams: Report['streams'] = [];
  let valid = 0;
  for (const [index, streamId] of transactions.entries()) {
    const verdict = await verifyStream(ports, streamId, trust);
    if (verdict.ok) valid += 1;
    else if (streams.length < NAMED_MAX) streams.push({ streamId, ...verdict });
    onProgress(index + 1, transactions.length);
  }
  const control = await countControl(
    ports,
    names.filter((name) => !isTransaction(name)),
  );
  const allDamage = [...damage, ...control.damage];
  return {
    ok: valid === transactions.length && allDamage.length === 0,
    checked: transactions.length,
    valid,
    streams,
    damage: allDamage,
    control: { streams: control.streams, records: control.records, sealed: false },
  };
}

async function countControl({ store }: Pick<Ports, 'store'>, names: readonly string[]) {
  const damage: string[] = [];
  let records = 0;
  for (const name of names) {
    try {
      records += (await store.records(name)).length;
    } catch (error) {
      if (!(error instanceof StoreDamagedError)) throw error;
      damage.push(error.message);
    }
  }
  return { streams: names.length, records, damage };
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
    if (!(error instanceof EvidenceError || error instanceof StoreDamagedError)) throw error;
    // A seal that is not even an envelope, or a page that is none.
    const integrity = { ok: false, reason: error.message } as const;
    const other = { ok: 'unknown', reason: 'not judged: the evidence cannot be read' } as const;
    return { ok: false, integrity, signer: other, complete: other, outcome: other };
  }
}

function isTransaction(streamId: string): boolean {
  return streamId.startsWith('tx:');
}
