import type { Bundle, Trust } from '../../core/evidence/index.ts';
import { bundleBytes, openEnvelope, sealEnvelope } from '../../core/evidence/index.ts';
import type { Draft } from '../unit/evidence/support/draft.ts';
import { bundleOf, testKey } from '../unit/evidence/support/draft.ts';
import { makeKey, malleate } from '../unit/evidence/support/key.ts';
import { logged, logKey } from '../unit/evidence/support/log.ts';
import { logForgeries } from '../unit/evidence/support/log-forgeries.ts';
import { mutateBundle } from '../unit/evidence/support/mutations.ts';
import {
  committedDraft,
  compensatedDraft,
  controlDraft,
  openDraft,
  rejectedDraft,
  resolvedDraft,
  stuckDraft,
} from '../unit/evidence/support/story.ts';

/** A bundle file, whom its reader trusts, and whether it must be ok. */
export interface Mutant {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly trust: Trust;
  readonly ok: boolean;
}

const LOG: Trust = { trustedKeyIds: [logKey.keyId] };

/** Honest bundles that must be ok, every mutant of some of them, and what is forged with a key. */
export function* mutants(): Generator<Mutant> {
  for (const [name, bundle] of honestBundles()) yield* honest(name, bundle);
  yield* mutantsOf('committed', bundleOf(committedDraft(2)));
  yield* mutantsOf('rotated', bundleOf(resolvedDraft(), testKey, makeKey()));
  yield* mutantsOf('control', bundleOf(controlDraft()));
  for (const draft of [committedDraft(2), resolvedDraft()]) {
    for (const forgery of logForgeries(draft, renamed(compensatedDraft(2)))) {
      yield { ...forgery, name: `forged: ${forgery.name}`, ok: false };
    }
  }
  yield* untrusted();
}

function honestBundles(): readonly (readonly [string, Bundle])[] {
  return [
    ['committed', bundleOf(committedDraft())],
    ['committed, one step', bundleOf(committedDraft(1))],
    ['rejected', bundleOf(rejectedDraft())],
    ['compensated', bundleOf(compensatedDraft())],
    ['stuck', bundleOf(stuckDraft())],
    ['resolved', bundleOf(resolvedDraft())],
    ['rotated', bundleOf(resolvedDraft(), testKey, makeKey())],
    ['control', bundleOf(controlDraft())],
  ];
}

/** An honest bundle, and the other files that say the same. */
function* honest(what: string, unlogged: Bundle): Generator<Mutant> {
  const { bundle, pinned } = logged(unlogged);
  const put = (name: string, file: Bundle, trust: Trust = LOG): Mutant => ({
    name: `honest: ${what}${name}`,
    bytes: bundleBytes(file),
    trust,
    ok: true,
  });
  yield put('', bundle);
  yield put(', pinned before', bundle, { ...LOG, checkpoint: pinned });
  const checkpoint = bundle.log?.checkpoint ?? '';
  yield put(', pinned the same', bundle, { ...LOG, checkpoint });
  const seals = bundle.seals.map((envelope) => {
    const opened = openEnvelope(envelope);
    return sealEnvelope({ ...opened, signature: malleate(opened.signature) });
  });
  yield put(', signatures malleated', { ...bundle, seals });
  const witnessed = `${checkpoint}\u2014 witness.example/\u00fc AQIDBAU=\n`;
  yield put(', witnessed', { ...bundle, log: { ...bundle.log, checkpoint: witnessed } } as Bundle);
}

function* mutantsOf(what: string, unlogged: Bundle): Generator<Mutant> {
  const { bundle, pinned } = logged(unlogged);
  const trust = { ...LOG, checkpoint: pinned };
  for (const { name, bytes } of mutateBundle(bundle)) {
    yield { name: `${what}: ${name}`, bytes, trust, ok: false };
  }
}

/** Honest, and yet not ok: open, in no log, not there yet, or not of who is trusted. */
function* untrusted(): Generator<Mutant> {
  const unlogged = bundleOf(committedDraft(1));
  const { bundle } = logged(unlogged);
  const put = (name: string, file: Bundle, trustedKeyIds: readonly string[]): Mutant => ({
    name: `not ok: ${name}`,
    bytes: bundleBytes(file),
    trust: { trustedKeyIds },
    ok: false,
  });
  const both = [logKey.keyId, testKey.keyId];
  yield put('open', logged(bundleOf(openDraft())).bundle, both);
  yield put('in no log', unlogged, both);
  yield put('last seal not in the log', logged(unlogged, { sealsLogged: 1 }).bundle, both);
  yield put('nobody is trusted', bundle, []);
  yield put('the sealing key alone is trusted', bundle, [testKey.keyId]);
  yield put('another key is trusted', bundle, [makeKey().keyId]);
}

function renamed(draft: Draft): Draft {
  const streamId = 'tx:another';
  return { ...draft, streamId, records: draft.records.map((one) => ({ ...one, streamId })) };
}
