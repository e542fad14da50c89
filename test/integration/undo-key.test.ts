import { expect, test } from '@jest/globals';
import { IdempotencyError } from '../../core/errors.ts';
import { propose } from '../../core/tasks/propose.ts';
import { undo } from '../../core/tasks/undo.ts';
import { caseNamed } from './support/action-cases.ts';
import { AGENT, openTestWorld } from './support/world.ts';

test('a plain transaction does not pass for an undo, nor an undo for a plain one', async () => {
  const world = openTestWorld();
  const agent = { type: 'Agent', id: AGENT } as const;
  const actor = `agent:${AGENT}`;
  const [first, second] = await Promise.all(
    ['iam:AttachRolePolicy', 'iam:PutUserPolicy'].map((id) =>
      world.proposeAndRun([caseNamed(id).step]),
    ),
  );
  const [firstId, secondId] = [first?.id ?? '', second?.id ?? ''];
  const { plan } = (await undo(world.ports, agent, firstId)).transaction;
  const { action, input } = caseNamed('iam:DeleteUserPolicy').step;
  const planted = {
    ...plan,
    purpose: `undo of ${secondId}`,
    steps: [{ id: 'undo-1', action, input: { ...input, PolicyName: 'scoped' } }],
  };
  await propose(world.ports, { plan: planted, actor, idempotencyKey: `undo:${secondId}` });

  const asPlain = propose(world.ports, { plan, actor, idempotencyKey: `undo:${firstId}` });
  const asUndo = undo(world.ports, agent, secondId);

  await expect(asPlain).rejects.toBeInstanceOf(IdempotencyError);
  await expect(asUndo).rejects.toBeInstanceOf(IdempotencyError);
  world.close();
});
