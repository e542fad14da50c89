import type { Facts, Target } from './action.ts';
import { DeniedError } from './errors.ts';
import type { JsonObject } from './json.ts';
import type {
  Answer,
  BlastRadius,
  DecisionRequest,
  EntityJson,
  EntityRef,
  PolicyData,
} from './ports/decision-point.ts';
import type { Decision } from './ports/store.ts';
import { protectedAffected } from './protection.ts';

/** When a step is decided. The steps of an undo have phases of their own, since they may widen. */
export type StepPhase = 'apply' | 'verify' | 'compensate' | 'undo' | 'verify-undo';

/** The control plane as a principal: it alone compensates. */
export const CONTROL_PLANE: EntityRef = { type: 'ControlPlane', id: 'interlock' };

/** How long a decision may wait for its claim. */
export const DECISION_TTL_MS = 10_000;

/** What a step's Cedar action is called before the action id, by phase. */
export const PHASE_PREFIX: Readonly<Record<StepPhase, string>> = {
  apply: '',
  verify: 'verify:',
  compensate: 'compensate:',
  undo: 'undo:',
  'verify-undo': 'verify:undo:',
};

/** The size of the whole plan; the same at preflight and later, so that answers are reused. */
export interface PlanSize {
  readonly steps: number;
  /** Distinct locked resources. */
  readonly resources: number;
}

/** All that the decision on one step depends on. */
export interface StepQuestion {
  readonly phase: StepPhase;
  /** The agent of the plan. */
  readonly agent: string;
  /** Action id, for example `iam:DetachRolePolicy`. */
  readonly action: string;
  /** ARN, the first of the action's `resources`. */
  readonly resource: string;
  readonly target: Target;
  /** Of before and the predicted (apply) or the read (verify) state. */
  readonly facts: Facts;
  readonly plan: PlanSize;
  /** Operators who have approved the transaction. */
  readonly approvals: number;
  /** The decision point itself, or its data. */
  readonly data: PolicyData;
}

/** The Cedar request for one step in one phase. Pure: equal questions are equal requests. */
export function stepRequest(question: StepQuestion): DecisionRequest {
  const { phase, agent, action, resource, target } = question;
  return {
    principal: phase === 'compensate' ? CONTROL_PLANE : agentRef(agent),
    action: `${PHASE_PREFIX[phase]}${action}`,
    resource: resourceRef(resource),
    context: stepContext(question),
    entities: [accountEntity(target.accountId), resourceEntity(resource, target)],
  };
}

/** What the decision on accepting a plan depends on; nothing of the target has been read yet. */
export interface ProposeQuestion {
  readonly agent: string;
  readonly accountId: string;
  readonly steps: number;
  readonly data: PolicyData;
}

/** The Cedar request for `transaction:Propose`, on the target account. */
export function proposeRequest(question: ProposeQuestion): DecisionRequest {
  return {
    principal: agentRef(question.agent),
    action: 'transaction:Propose',
    resource: { type: 'Account', id: question.accountId },
    context: {
      planSteps: question.steps,
      blastRadius: radiusContext(question.data.blastRadius),
    },
    entities: [accountEntity(question.accountId)],
  };
}

/** The Cedar request of a named operator to move the kill switch of a scope (`all`, `agent:ID`,
 * `action:ID`). */
export function killSwitchRequest(question: {
  readonly operator: string;
  readonly action: 'kill-switch:Engage' | 'kill-switch:Release';
  readonly scope: string;
}): DecisionRequest {
  return {
    principal: { type: 'Operator', id: question.operator },
    action: question.action,
    resource: { type: 'KillSwitch', id: question.scope },
    context: {},
    entities: [],
  };
}

/** What is asked of a transaction from outside. */
export type TransactionAct =
  | 'transaction:Approve'
  | 'transaction:Cancel'
  | 'transaction:Refuse'
  | 'transaction:Resolve';

/** The Cedar request to act on a transaction: operators do, an agent cancels its own. */
export function transactionRequest(question: {
  readonly by: { readonly type: 'Operator' | 'Agent'; readonly id: string };
  readonly action: TransactionAct;
  readonly transactionId: string;
  /** The agent that proposed it. */
  readonly agent: string;
  readonly accountId: string;
}): DecisionRequest {
  const resource = { type: 'Transaction', id: question.transactionId };
  const account = accountEntity(question.accountId);
  const owner = { __entity: { type: 'Agent', id: question.agent } };
  return {
    principal: { type: question.by.type, id: question.by.id },
    action: question.action,
    resource,
    context: {},
    entities: [account, { uid: resource, attrs: { agent: owner }, parents: [account.uid] }],
  };
}

/** What a decision is bound to besides the answer. */
export type DecisionBinding = Omit<
  Decision,
  'kind' | 'policySetDigest' | 'entitiesDigest' | 'contextDigest' | 'expiresAt'
>;

/** Binds an allowed answer to one step of one epoch, for a claim until `now` (epoch milliseconds)
 * plus `DECISION_TTL_MS`. Throws `DeniedError` for any other answer: no decision out of a doubt. */
export function decisionOf(binding: DecisionBinding, answer: Answer, now: number): Decision {
  requireAllowed(answer);
  return {
    ...binding,
    kind: 'apply',
    policySetDigest: answer.policySetDigest,
    entitiesDigest: answer.entitiesDigest,
    contextDigest: answer.contextDigest,
    expiresAt: now + DECISION_TTL_MS,
  };
}

/** Throws `DeniedError` unless the answer is `allow`: its code, or `approval-required`. */
export function requireAllowed(answer: Answer): void {
  if (answer.answer === 'allow') return;
  const code = answer.code ?? 'approval-required';
  const ids = answer.reasons.map((reason) => `\`${reason.id}\``).join(', ');
  const advice = answer.reasons.flatMap((reason) => reason.advice ?? []).join('; ');
  throw new DeniedError(code, ids === '' ? `denied: ${code}` : `denied by ${ids}`, {
    policies: answer.reasons,
    ...(advice === '' ? {} : { hint: advice }),
  });
}

function stepContext({ facts, target, plan, approvals, data }: StepQuestion): JsonObject {
  return {
    widens: facts.widens,
    affectedPrincipals: facts.affectedPrincipals,
    protectedAffected: protectedAffected(target.affected, data.protection),
    removedCount: facts.removedCount,
    approvals,
    planSteps: plan.steps,
    planResources: plan.resources,
    blastRadius: radiusContext(data.blastRadius),
  };
}

function radiusContext(radius: BlastRadius): JsonObject {
  const { affectedPrincipalsMax, stepsMax, resourcesMax } = radius;
  return { affectedPrincipalsMax, stepsMax, resourcesMax };
}

function agentRef(id: string): EntityRef {
  return { type: 'Agent', id };
}

function accountEntity(accountId: string): EntityJson {
  return { uid: { type: 'Account', id: accountId }, attrs: {}, parents: [] };
}

function resourceRef(arn: string): EntityRef {
  return { type: RESOURCE_TYPES.get(resourceParts(arn).kind) ?? 'Account', id: arn };
}

function resourceEntity(arn: string, target: Target): EntityJson {
  const self = target.affected.find((principal) => principal.arn === arn);
  return {
    uid: resourceRef(arn),
    attrs: { arn, path: resourceParts(arn).path },
    parents: [{ type: 'Account', id: target.accountId }],
    tags: self?.tags ?? {},
  };
}

const RESOURCE_TYPES: ReadonlyMap<string, string> = new Map([
  ['role', 'IamRole'],
  ['user', 'IamUser'],
  ['group', 'IamGroup'],
  ['policy', 'IamPolicy'],
]);

// arn:partition:iam::account:role/path/name
function resourceParts(arn: string): { kind: string; path: string } {
  const resource = arn.split(':').slice(5).join(':');
  const first = resource.indexOf('/');
  const last = resource.lastIndexOf('/');
  return first < 0
    ? { kind: resource, path: '/' }
    : { kind: resource.slice(0, first), path: resource.slice(first, last + 1) };
}
