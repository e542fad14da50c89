import { bundleOf } from '../../api/view/bundle-of.ts';
import { type Bundle, type EvidenceVerdict, verifyBundle } from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import { TRANSACTION_PREFIX } from '../../core/evidence/record.ts';
import { checkLog } from '../../core/tasks/check-log.ts';
import { counted } from '../audit/layout.ts';
import type { Demo } from './demo.ts';

/** Verifies the evidence of every transaction, then shows that a changed byte does not pass. */
export async function evidenceStage({ controlPlane, stages }: Demo): Promise<void> {
  const { ports, log } = controlPlane;
  const { store } = ports;
  await log.sequence('wait');
  stages.heading('Evidence', 'signed, and verifiable offline by anybody');
  const streams = (await store.streams()).filter((each) => each.startsWith(TRANSACTION_PREFIX));
  const bundles = await Promise.all(streams.map((each) => bundleOf({ ...ports, log }, each)));
  const verify = (bundle: Bundle): EvidenceVerdict =>
    verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [log.keyId] });
  const startedAt = performance.now();
  const verdicts = bundles.map(verify);
  const elapsedMs = Math.round(performance.now() - startedAt);
  const records = bundles.flatMap((each) => each.records).length;
  stages.claim(
    `${counted(records, 'record')} of ${counted(bundles.length, 'transaction')}: intact, signed, complete, consistent (${elapsedMs} ms)`,
    verdicts.length > 0 && verdicts.every((each) => each.ok),
  );
  const [first] = bundles;
  stages.claim(
    'one byte of a record changed: detected',
    first !== undefined && !verify(changed(first)).ok,
  );
  const { size, ok } = await checkLog(
    { store, log: log.store, checkpoints: log.checkpoints, crypto: nodeCrypto },
    { publicKey: log.publicKey },
  );
  stages.claim(`a log of ${size} entries holds every seal: a deleted transaction would show`, ok);
}

/** A copy with one digit of the first record's time made another. */
function changed(bundle: Bundle): Bundle {
  const [first = new Uint8Array(), ...rest] = bundle.records;
  const text = new TextDecoder().decode(first).replace(/"at":"2/, '"at":"3');
  return { ...bundle, records: [new TextEncoder().encode(text), ...rest] };
}
