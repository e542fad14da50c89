import { bytesOfHex, bytesOfText } from '../../../../core/evidence/bytes.ts';
import type { Bundle, BundleKey, BundleLog, Trust } from '../../../../core/evidence/index.ts';
import {
  base64Of,
  bundleBytes,
  inclusionProof,
  leafHash,
} from '../../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../../core/evidence/node-crypto.ts';
import type { Draft } from './draft.ts';
import { bundleOf, recordsOf, tellingOf, testKey } from './draft.ts';
import type { TestKey } from './key.ts';
import { makeKey } from './key.ts';
import type { Logged } from './log.ts';
import { logged, logKey, logOf, noteOf } from './log.ts';

/** A forged bundle file, and whom its reader trusts where that matters. */
export interface Forgery {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly trust: Trust;
}

const FOREIGN_LOG_KEY = makeKey();

/**
 * What somebody with a key could do: with the key that seals, who owns no log; or with the log's,
 * against a reader who has a checkpoint from before. `other` is another stream of the same log.
 */
export function* logForgeries(draft: Draft, other: Draft): Generator<Forgery> {
  const honest = logged(bundleOf(draft));
  const trust = { trustedKeyIds: [logKey.keyId], checkpoint: honest.pinned };
  const put = (name: string, bundle: Bundle): Forgery => ({
    name,
    bytes: bundleBytes(bundle),
    trust,
  });
  for (const [name, bundle] of resealed(draft, honest)) yield put(name, bundle);
  for (const [name, bundle] of spliced(honest.bundle, logged(bundleOf(other)).bundle)) {
    yield put(name, bundle);
  }
  for (const [name, bundle] of otherCheckpoints(honest)) yield put(name, bundle);
  for (const [name, bundle] of withoutEntry(honest)) yield put(name, bundle);
  yield* forks(honest, trust);
  yield* misbuilt(draft, honest);
}

type Named = readonly [string, Bundle];

/** Another telling sealed by the true key, under the log part of the honest one. */
function* resealed(draft: Draft, honest: Logged): Generator<Named> {
  const last = draft.records.length - 1;
  const records = recordsOf(
    draft.records.map((record) =>
      record.seq === last
        ? { ...tellingOf(record), data: { ...record.data, note: 'another end' } }
        : tellingOf(record),
    ),
    draft.streamId,
  );
  const { log } = honest.bundle as { readonly log: BundleLog };
  const { keys } = honest.bundle;
  const told = bundleOf({ ...draft, records });
  yield ['told otherwise, sealed by the true key', { ...told, keys, log }];
  yield ['told otherwise, in no log', told];
  const foreign = makeKey();
  const bundle = bundleOf(draft, foreign);
  yield ['sealed anew by another key, in no log', bundle];
  yield ['sealed anew by another key, under the honest log', { ...bundle, log }];
  yield ['in a log of another key', logged(told, { key: FOREIGN_LOG_KEY }).bundle];
  yield ['in a log of the key that seals', logged(told, { key: testKey }).bundle];
}

/** Parts of two honest bundles in one. */
function* spliced(bundle: Bundle, other: Bundle): Generator<Named> {
  const { streamId, records, seals, keys, log } = other as Bundle & { readonly log: BundleLog };
  yield ['stream id of another', { ...bundle, streamId }];
  yield ['records of another', { ...bundle, records }];
  yield ['records and seals of another', { ...bundle, records, seals }];
  yield ['seals of another', { ...bundle, seals }];
  yield ['log part of another', { ...bundle, log, keys }];
  yield ['seals and log part of another', { ...bundle, seals, log, keys }];
  for (const at of [1, bundle.records.length - 1]) {
    const mixed = bundle.records.with(at, records[at] ?? new Uint8Array());
    yield [`record ${at} of another`, { ...bundle, records: mixed }];
  }
}

/** Checkpoints of the same log, at other sizes. */
function* otherCheckpoints({ bundle, pinned, entries }: Logged): Generator<Named> {
  const { log } = bundle as { readonly log: BundleLog };
  const leaves = entries.map((entry) => leafHash(nodeCrypto, entry));
  const put = (checkpoint: string): Bundle => ({ ...bundle, log: { ...log, checkpoint } });
  yield ['an old checkpoint', put(pinned)];
  for (let size = 1; size < leaves.length; size++) {
    yield [`the checkpoint of ${size} entries`, put(noteOf(leaves.slice(0, size)))];
  }
  yield ['a later checkpoint', put(noteOf([...leaves, ...leaves.slice(0, 1)]))];
  yield ['a checkpoint of other entries', put(noteOf(leaves.toReversed()))];
}

/** The log's owner takes an entry out and signs what is left: its proofs are those that remain. */
function* withoutEntry({ bundle, entries }: Logged): Generator<Named> {
  const { log } = bundle as { readonly log: BundleLog };
  for (const { position } of log.seals) {
    const leaves = entries.toSpliced(position, 1).map((entry) => leafHash(nodeCrypto, entry));
    const checkpoint = noteOf(leaves);
    yield [`entry ${position} deleted, old proofs`, { ...bundle, log: { ...log, checkpoint } }];
    const proof = inclusionProof(nodeCrypto, leaves, position);
    const seals = log.seals.map((one) => (one.position === position ? { position, proof } : one));
    const changed = { ...log, checkpoint, seals };
    yield [`entry ${position} deleted, proof of the next`, { ...bundle, log: changed }];
  }
}

/** The log's owner shows this reader another log than before: only what is pinned tells. */
function* forks(honest: Logged, trust: Trust): Generator<Forgery> {
  const { bundle, entries } = honest;
  const forked = entries.with(0, bytesOfText('what was never first'));
  const leaves = forked.map((entry) => leafHash(nodeCrypto, entry));
  const fork = logOf(bundle, forked);
  const truth = entries.map((entry) => leafHash(nodeCrypto, entry));
  const put = (name: string, file: Bundle, checkpoint: string): Forgery => ({
    name,
    bytes: bundleBytes(file),
    trust: { ...trust, checkpoint },
  });
  yield put('a fork, against the same size', fork, noteOf(truth));
  yield put('a fork, against an older checkpoint', fork, honest.pinned);
  yield put('a fork without proof of growth', dropConsistency(fork), honest.pinned);
  yield put('the truth, against a fork', bundle, noteOf(leaves));
  yield put('the truth, against an older fork', bundle, noteOf(leaves.slice(0, 3)));
  yield put('an older log than is pinned', bundle, noteOf([...truth, ...truth]));
  yield put('growth from another size than is pinned', bundle, noteOf(truth.slice(0, 2)));
  yield put('a pinned checkpoint of another log', bundle, noteOf(truth, FOREIGN_LOG_KEY));
  yield put('a pinned checkpoint that is none', bundle, 'none');
}

/** What no log may be, though its key has signed it and the reader trusts the keys that seal too. */
function* misbuilt(draft: Draft, { bundle, entries }: Logged): Generator<Forgery> {
  const trust = { trustedKeyIds: [logKey.keyId, testKey.keyId] };
  const put = (name: string, file: Bundle): Forgery => ({ name, bytes: bundleBytes(file), trust });
  const { log, keys } = bundle as Bundle & { readonly log: BundleLog };
  yield put('a key that the log has not', { ...bundle, keys: keys.map(bare) });
  yield put('a log of the key that seals', logged(bundleOf(draft), { key: testKey }).bundle);
  const keyAt = keys[0]?.entry?.position ?? 0;
  const late = [...entries.toSpliced(keyAt, 1), entries[keyAt] as Uint8Array];
  yield put('a key after its seals', logOf(bundle, late));
  const turned = [...entries.slice(0, keyAt + 1), ...entries.slice(keyAt + 1).reverse()];
  yield put('seals in another order', logOf(bundle, turned));
  const [origin = '', size = '', root = ''] = log.checkpoint.split('\n');
  for (const [name, text] of [
    ['an extension line', `${origin}\n${size}\n${root}\nextension\n`],
    ['a size with a zero before', `${origin}\n0${size}\n${root}\n`],
    ['a size with a space', `${origin}\n${size} \n${root}\n`],
    ['a root without padding', `${origin}\n${size}\n${root.replace('=', '')}\n`],
    ['the origin of another', `${origin.slice(0, -1)}x\n${size}\n${root}\n`],
  ] as const) {
    const checkpoint = signedText(origin, text, logKey);
    yield put(`a signed checkpoint with ${name}`, { ...bundle, log: { ...log, checkpoint } });
  }
  const [, second = ''] = signedText(origin, 'other text\n', logKey).split('\n\n');
  const checkpoint = log.checkpoint + second;
  yield put('a second signature that is not of it', { ...bundle, log: { ...log, checkpoint } });
}

/** A note of any text, by hand. */
function signedText(name: string, text: string, key: TestKey): string {
  const line = Uint8Array.from([
    ...bytesOfHex(key.keyId.slice(0, 8)),
    ...key.sign(bytesOfText(text)),
  ]);
  return `${text}\n\u2014 ${name} ${base64Of(line)}\n`;
}

function bare({ publicKey }: BundleKey): BundleKey {
  return { publicKey };
}

function dropConsistency(bundle: Bundle): Bundle {
  const { consistency: _, ...log } = bundle.log as BundleLog;
  return { ...bundle, log };
}
