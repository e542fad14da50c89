import { expect, test } from '@jest/globals';
import { CloudRefusedError, EvidenceError } from '../../core/errors.ts';
import { requireAgreement } from '../../core/tasks/agreement.ts';
import { type EffectAnswer, streamOf } from '../../core/transaction.ts';
import { caseNamed } from './support/action-cases.ts';
import { openTestWorld } from './support/world.ts';

test.each<[string, EffectAnswer | undefined]>([
  ['says something else', 'not-applied'],
  ['says nothing', undefined],
])('an answer in the store that %s than the records is not signed', async (_what, answer) => {
  const world = openTestWorld();
  const last = caseNamed('iam:PutUserPolicy').step;
  world.hooks.onCall = async (request, session, call) => {
    if (session.isEffect && request.operation === last.action)
      throw new CloudRefusedError('ServiceFailure', 'the target refuses');
    return call();
  };
  const ended = await world.proposeAndRun([caseNamed('iam:DetachRolePolicy').step, last]);
  const { store, crypto } = world.ports;
  const records = await store.records(streamOf(ended.id));
  const claims = await store.claims(ended.id);

  await requireAgreement({ store, crypto }, ended, records);
  for (const changed of claims) {
    const { answer: _, ...rest } = changed;
    const other = answer === undefined ? rest : { ...rest, answer };
    const others = claims.map((one) => (one === changed ? other : one));

    const refused = requireAgreement(
      { crypto, store: { ...store, claims: async () => others } },
      ended,
      records,
    );

    await expect(refused).rejects.toBeInstanceOf(EvidenceError);
    await expect(refused).rejects.toMatchObject({ code: 'answer-mismatch' });
  }
  expect(claims.map((one) => one.answer)).toEqual(['applied', 'refused', 'applied']);
  world.close();
});
