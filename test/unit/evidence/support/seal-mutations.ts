import { parseStrict, strictBytes } from '../../../../core/evidence/canonical.ts';
import type { Bundle, Envelope } from '../../../../core/evidence/index.ts';
import {
  base64Of,
  keyStatement,
  openEnvelope,
  sealEnvelope,
} from '../../../../core/evidence/index.ts';
import { base64Texts } from './base64-texts.ts';
import { bundleText } from './bundle-text.ts';
import { makeKey } from './key.ts';
import { changedValues } from './value-mutations.ts';

/** Seals, and perhaps keys, in place of the honest ones. */
export interface SealMutation {
  readonly name: string;
  readonly seals: readonly unknown[];
  readonly keys?: readonly unknown[];
}

const FOREIGN_KEY = makeKey();
const FOREIGN_KEYS = [{ publicKey: base64Of(FOREIGN_KEY.spki) }];

/** Every change of a seal's statement, envelope, signature and key. */
export function* sealMutations(bundle: Bundle): Generator<SealMutation> {
  for (const [index, envelope] of bundle.seals.entries()) {
    for (const { name, value } of changedEnvelopes(envelope)) {
      yield { name: `seal ${index} ${name}`, seals: bundle.seals.with(index, value as Envelope) };
    }
  }
  const seals = bundle.seals.map((envelope) => FOREIGN_KEY.seal(openEnvelope(envelope).statement));
  yield { name: 'sealed anew by a foreign key', seals, keys: FOREIGN_KEYS };
  yield { name: 'foreign seals under the honest keys', seals };
  const named = seals.map((envelope, index) => {
    const { keyId } = openEnvelope(bundle.seals[index]);
    return sealEnvelope({ ...openEnvelope(envelope), keyId });
  });
  yield { name: 'foreign signatures under the honest names', seals: named };
  yield { name: 'the honest names on a foreign key', seals: named, keys: FOREIGN_KEYS };
  const entry = bundleText(bundle).keys[0]?.entry;
  if (entry === undefined) return;
  const entered = [{ ...FOREIGN_KEYS[0], entry }];
  yield { name: 'sealed anew by a foreign key, under an honest entry', seals, keys: entered };
  const { keyId, spki: publicKey } = FOREIGN_KEY;
  const statement = base64Of(keyStatement({ keyId, publicKey, at: '2026-11-25T03:00:00.000Z' }));
  const forged = [{ ...FOREIGN_KEYS[0], entry: { ...entry, statement } }];
  yield { name: 'sealed anew by a foreign key with an entry of its own', seals, keys: forged };
}

function* changedEnvelopes(envelope: Envelope): Generator<{ name: string; value: unknown }> {
  const opened = openEnvelope(envelope);
  for (const { name, value } of changedValues(envelope)) {
    yield { name: `envelope${name}`, value };
  }
  for (const { name, value } of changedValues(parseStrict(opened.statement))) {
    const payload = base64Of(strictBytes(value));
    yield { name: `statement${name}`, value: { ...envelope, payload } };
  }
  for (const { name, base64 } of base64Texts(envelope.payload)) {
    yield { name: `payload ${name}`, value: { ...envelope, payload: base64 } };
  }
  const [{ keyid, sig }] = envelope.signatures;
  for (const { name, base64 } of base64Texts(sig)) {
    const signatures = [{ keyid, sig: base64 }];
    yield { name: `signature ${name}`, value: { ...envelope, signatures } };
  }
  for (const { name, signature } of changedSignatures(opened.signature)) {
    yield { name: `signature ${name}`, value: sealEnvelope({ ...opened, signature }) };
  }
}

/** Each byte flipped, and other encodings of the same two numbers. */
function* changedSignatures(
  signature: Uint8Array,
): Generator<{ name: string; signature: Uint8Array }> {
  for (const index of signature.keys()) {
    const flipped = signature.with(index, (signature[index] ?? 0) ^ 1);
    yield { name: `byte ${index}`, signature: flipped };
  }
  const body = signature.slice(2);
  const rEnd = 4 + (signature[3] ?? 0);
  const r = signature.slice(4, rEnd);
  const s = signature.slice(rEnd + 2);
  const sequence = (...parts: readonly number[][]): Uint8Array =>
    Uint8Array.from([0x30, parts.flat().length, ...parts.flat()]);
  const integer = (bytes: Iterable<number>): number[] => [0x02, [...bytes].length, ...bytes];
  yield { name: 'with a byte after', signature: Uint8Array.from([...signature, 0]) };
  yield {
    name: 'with a long length',
    signature: Uint8Array.from([0x30, 0x81, body.length, ...body]),
  };
  yield { name: 'with a zero before r', signature: sequence(integer([0, ...r]), integer(s)) };
  yield { name: 'with a zero before s', signature: sequence(integer(r), integer([0, ...s])) };
  yield { name: 'with r and s swapped', signature: sequence(integer(s), integer(r)) };
  yield { name: 'of zeros', signature: sequence(integer([0]), integer([0])) };
  yield {
    name: 'of the ends of r and s',
    signature: Uint8Array.from([...r.slice(-32), ...s.slice(-32)]),
  };
  yield { name: 'of nothing', signature: new Uint8Array(0) };
}
