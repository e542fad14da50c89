import type { JsonObject } from '../../../../core/json.ts';
import type { Telling } from './draft.ts';
import { digestOf, START, TRANSACTION_ID } from './draft.ts';

const ROLE = 'arn:aws:iam::123456789012:role/ci/deploy';

/** Proposed, located and preflighted. */
export function beginning(stepCount: number): readonly Telling[] {
  const plan = planOf(stepCount);
  const located = steps(stepCount).map((stepIndex) => ({
    stepIndex,
    target: { accountId: '123456789012', arn: ROLE, uniqueId: 'AROAEXAMPLE', attributes: {} },
  }));
  return [
    { kind: 'proposed', data: { agent: plan.agent, plan, planDigest: digestOf(plan) } },
    { kind: 'located', data: { steps: located } },
    // Two records: preflight writes in chunks.
    { kind: 'preflighted', data: { steps: [prepared(0)] } },
    { kind: 'preflighted', data: { steps: steps(stepCount).slice(1).map(prepared) } },
  ];
}

/** Decided, claimed, vended and acknowledged. */
export function applied(stepCount: number, stepIndex: number, answer: string): readonly Telling[] {
  const { beforeDigest } = prepared(stepIndex);
  const attemptId = `attempt-${stepIndex}-1`;
  const decision = {
    id: `decision-${stepIndex}-1`,
    kind: 'apply',
    transactionId: TRANSACTION_ID,
    epoch: 1,
    stepIndex,
    attempt: 1,
    planDigest: digestOf(planOf(stepCount)),
    inputDigest: digestOf(inputOf(stepIndex)),
    beforeDigest,
    policySetDigest: digestOf('policies'),
    entitiesDigest: digestOf('entities'),
    contextDigest: digestOf('context'),
    expiresAt: START + 3_600_000,
  };
  const claim = {
    attemptId,
    decisionId: decision.id,
    effectDeadline: START + 3_600_000,
    beforeDigest,
    kind: 'apply',
  };
  const reasons = [{ id: 'permit-auditor', advice: 'the auditor may detach' }];
  const at = { stepIndex, attempt: 1 };
  return [
    { kind: 'decided', ...at, data: { answer: 'allow', reasons, decision } },
    { kind: 'claimed', ...at, data: claim },
    { kind: 'vended', ...at, data: { attemptId, policyDigest: digestOf('session') } },
    { kind: 'acknowledged', ...at, data: { attemptId, answer } },
  ];
}

/** Read back as predicted. */
export function verified(stepIndex: number, ok: boolean): Telling {
  const after = stateOf(stepIndex + 1);
  const decision = { answer: 'allow', reasons: [{ id: 'permit-auditor' }] };
  const data = { after, afterDigest: digestOf(after), decision, ok };
  return { kind: 'verified', stepIndex, attempt: 1, data };
}

/** Claimed and read back as before, in epoch 2. */
export function compensated(stepIndex: number): readonly Telling[] {
  const { before, beforeDigest } = prepared(stepIndex);
  const attemptId = `undo-${stepIndex}-1`;
  const claim = {
    attemptId,
    decisionId: `decision-${stepIndex}-1`,
    beforeDigest,
    effectDeadline: START + 3_600_000,
    decision: { answer: 'allow', reasons: [] },
  };
  const at = { stepIndex, attempt: 1, epoch: 2 };
  return [
    { kind: 'compensating', ...at, data: claim },
    { kind: 'compensated', ...at, data: { after: before, afterDigest: beforeDigest, attemptId } },
  ];
}

/** The forward run has ended at a step. */
export function unwinding(stepIndex: number, epoch = 1): Telling {
  return { kind: 'unwinding', stepIndex, epoch, data: { reason: { code: 'failed' } } };
}

/** The end. */
export function outcome(status: string, epoch = 1): Telling {
  const reason = status === 'committed' ? {} : { reason: { code: 'failed' } };
  return { kind: 'outcome', epoch, data: { status, ...reason } };
}

function planOf(stepCount: number) {
  return {
    agent: 'iam-auditor',
    target: { partition: 'aws', accountId: '123456789012' },
    purpose: 'take unused policies off a role',
    deadlineMs: 3_600_000,
    steps: steps(stepCount).map((stepIndex) => ({
      id: `detach-${stepIndex}`,
      action: 'iam:DetachRolePolicy',
      input: inputOf(stepIndex),
    })),
  };
}

function inputOf(stepIndex: number) {
  return { RoleName: 'deploy', PolicyArn: `arn:aws:iam::aws:policy/Unused${stepIndex}` };
}

function prepared(stepIndex: number) {
  const [before, predicted] = [stateOf(stepIndex), stateOf(stepIndex + 1)];
  return {
    stepIndex,
    footprint: `${ROLE} policies`,
    before,
    beforeDigest: digestOf(before),
    predicted,
    predictedDigest: digestOf(predicted),
    resources: [ROLE],
    facts: { widens: false, affectedPrincipals: 1, removedCount: 1 },
    decision: { answer: 'allow', reasons: [{ id: 'permit-auditor' }] },
  };
}

/** The chained state of the one footprint before a step. */
function stateOf(stepIndex: number): JsonObject {
  return { attached: `all but ${stepIndex}`, removed: stepIndex };
}

/** 0 to count - 1. */
export function steps(stepCount: number): number[] {
  return Array.from({ length: stepCount }, (_, stepIndex) => stepIndex);
}
