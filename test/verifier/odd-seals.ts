import { bytesOfText } from '../../core/evidence/bytes.ts';
import { parseStrict, strictBytes } from '../../core/evidence/canonical.ts';
import type { Bundle, SealStatus } from '../../core/evidence/index.ts';
import { bundleBytes, openEnvelope, sealEnvelope } from '../../core/evidence/index.ts';
import type { Draft } from '../unit/evidence/support/draft.ts';
import { bundleOf, testKey } from '../unit/evidence/support/draft.ts';
import { makeKey } from '../unit/evidence/support/key.ts';
import { controlDraft, openDraft, resolvedDraft } from '../unit/evidence/support/story.ts';
import { changedValues } from '../unit/evidence/support/value-mutations.ts';
import type { NamedFile } from './python.ts';

const TRUST = { trustedKeyIds: [testKey.keyId] };
const STATUSES: readonly SealStatus[] = [
  ...(['proposed', 'awaiting-approval', 'running', 'compensating', 'parked'] as const),
  ...(['committed', 'rejected', 'compensated', 'stuck'] as const),
];

/** Seals under the true key that say something odd, or follow each other oddly. */
export function oddSeals(): readonly NamedFile[] {
  return [
    ...[controlDraft(), openDraft()].flatMap((draft) => [...oddStatements(bundleOf(draft))]),
    ...chains(),
    ...oddKeys(bundleOf(controlDraft())),
  ].map(([name, bundle]) => ({ name: `seal: ${name}`, bytes: bundleBytes(bundle), trust: TRUST }));
}

type Named = readonly [string, Bundle];

/** The last statement of a bundle changed in one place. */
function* oddStatements(bundle: Bundle): Generator<Named> {
  const { statement } = openEnvelope(bundle.seals.at(-1) as Bundle['seals'][number]);
  const put = (bytes: Uint8Array): Bundle => ({
    ...bundle,
    seals: [...bundle.seals.slice(0, -1), testKey.seal(bytes)],
  });
  const value = parseStrict(statement) as { readonly predicate: object };
  for (const { name, value: changed } of changedValues(value))
    yield [name, put(strictBytes(changed))];
  const statuses = [...STATUSES, 'open', 'closed', 'resolved'];
  for (const change of [
    ...statuses.flatMap((status) => [true, false].map((final) => ({ status, final }))),
    ...[0, -1, 2 ** 53 - 1, true].map((treeSize) => ({ treeSize })),
    ...['2026-02-31T00:00:00.000Z', '2026-02-32T00:00:00.000Z'].map((at) => ({ at })),
    ...[1, 'x', '0'.repeat(64)].map((previousSeal) => ({ previousSeal })),
  ]) {
    const predicate = { ...value.predicate, ...change };
    yield [JSON.stringify(change), put(strictBytes({ ...value, predicate }))];
  }
  const [subject] = (value as unknown as { readonly subject: readonly [object] }).subject;
  const streamId = 'tx:another';
  const elsewhere = {
    ...value,
    predicate: { ...value.predicate, streamId, status: 'running', final: false },
    subject: [{ ...subject, name: streamId }],
  };
  yield ['of another stream', put(strictBytes(elsewhere))];
  yield ['with a space', put(bytesOfText(`${Buffer.from(statement).toString()} `))];
}

/** A key that no seal names, before and after the one that they name. */
function oddKeys(bundle: Bundle): readonly Named[] {
  return Array.from({ length: 4 }, (_, index): Named => {
    const keys = [testKey, makeKey()].sort((one, other) => (one.keyId < other.keyId ? -1 : 1));
    const publicKeys = keys.map(({ spki }) => ({ publicKey: spki }));
    return [`and a key more, ${index}`, { ...bundle, keys: publicKeys }];
  });
}

/** Two and three seals of a transaction, of all statuses. */
function chains(): readonly Named[] {
  const draft = resolvedDraft();
  const pairs = STATUSES.flatMap((one) =>
    STATUSES.flatMap((other) =>
      [0, 1].map((uncovered): Draft['seals'] => [
        { status: one, uncovered: 1 },
        { status: other, uncovered },
      ]),
    ),
  );
  const triples = (['stuck', 'parked', 'committed'] as const).flatMap((status) =>
    [0, 2].map((uncovered): Draft['seals'] => [
      { status, uncovered: 2 },
      { status: 'stuck', uncovered: 1 },
      { status: 'stuck', uncovered },
    ]),
  );
  const named = [...pairs, ...triples].map((seals): Named => {
    const name = seals.map(({ status, uncovered }) => `${status} -${uncovered}`).join(', ');
    return [name, bundleOf({ ...draft, seals })];
  });
  return [...named, ['signed by another', signedByAnother(bundleOf(draft))]];
}

/** The key id of an envelope in capitals: another spelling of the same name. */
function signedByAnother(bundle: Bundle): Bundle {
  const seals = bundle.seals.map((seal) =>
    sealEnvelope({ ...openEnvelope(seal), keyId: testKey.keyId.toUpperCase() }),
  );
  return { ...bundle, seals };
}
