import { expect, test } from '@jest/globals';
import { CloudRefusedError } from '../../core/errors.ts';
import { type EvidenceRecord, parseRecord, recordBytes } from '../../core/evidence/record.ts';
import type { Json } from '../../core/json.ts';
import { requireAgreement } from '../../core/tasks/agreement.ts';
import { streamOf } from '../../core/transaction.ts';
import { caseNamed } from './support/action-cases.ts';
import { openTestWorld } from './support/world.ts';

/** Every value in a record that is no list and no object, by its path. */
function leavesOf(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, one]) => leavesOf(one, [...path, name]));
}

/** The same value, but for one of its leaves. */
function forged(value: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined) return other(value);
  const copy = structuredClone(value) as Record<string, Json>;
  copy[name] = forged(copy[name] as Json, rest);
  return copy;
}

function other(value: Json): Json {
  if (typeof value === 'string') return value === 'forged' ? 'other' : 'forged';
  return typeof value === 'number' ? value + 1 : !value;
}

/** What can be changed in one record, so that the seal is signed all the same. */
async function unnoticed(isRefused: boolean) {
  const world = openTestWorld();
  const last = caseNamed('iam:PutUserPolicy').step;
  world.hooks.onCall = async (request, session, call) => {
    if (isRefused && session.isEffect && request.operation === last.action)
      throw new CloudRefusedError('ServiceFailure', 'the target refuses');
    return call();
  };
  const ended = await world.proposeAndRun([caseNamed('iam:DetachRolePolicy').step, last]);
  const records = await world.ports.store.records(streamOf(ended.id));
  const agrees = (bytes: readonly Uint8Array[]) =>
    requireAgreement(world.ports, ended, bytes).then(
      () => true,
      () => false,
    );
  const found = new Set<string>();
  let forgeries = 0;
  for (const [index, bytes] of records.entries()) {
    const record = parseRecord(bytes);
    for (const path of leavesOf(record as unknown as Json)) {
      const changed = forged(record as unknown as Json, path) as unknown as EvidenceRecord;
      forgeries += 1;
      if (await agrees(records.with(index, recordBytes(changed))))
        found.add(
          path[0] === 'data' ? `${record.kind} ${path.slice(0, 3).join('.')}` : (path[0] ?? ''),
        );
    }
  }
  world.close();
  return { status: ended.status, found: [...found].sort(), forgeries };
}

/**
 * What nothing in the store or in the other records says a second time. Whoever changes it is seen
 * where it is kept: by the triggers of the embedded store, by the stream and archive on AWS.
 */
const SAID_ONCE = [
  ...['attempt', 'epoch', 'stepIndex', 'observations'],
  ...['acknowledged data.code', 'decided data.reasons.0', 'proposed data.agent'],
  ...['compensating', 'proposed', 'verified'].flatMap((kind) => [
    `${kind} data.decision.answer`,
    `${kind} data.decision.reasons`,
  ]),
  ...['accountId', 'affected', 'arn', 'attributes', 'uniqueId'].map(
    (name) => `located data.target.${name}`,
  ),
  ...['code', 'detail', 'message', 'stepIndex'].map((name) => `outcome data.reason.${name}`),
  // Its facts, resources and answer.
  ...['preflighted data.steps.0', 'preflighted data.steps.1'],
  'verified data.ok',
  // Which code ran: replay finds that it is another.
  ...['iam:DetachRolePolicy', 'iam:PutUserPolicy'].map((id) => `proposed data.actions.${id}`),
];

test.each([
  ['committed', false],
  ['compensated', true],
])(
  'a change in a record of what is %s is not signed, unless it is said once',
  async (status, isRefused) => {
    const seen = await unnoticed(isRefused);

    expect(seen.status).toBe(status);
    expect(seen.forgeries).toBeGreaterThan(500);
    expect(seen.found.filter((one) => !SAID_ONCE.includes(one))).toEqual([]);
  },
);
