import type { EntityJson as CedarEntity, Context, Response } from '@cedar-policy/cedar-wasm/nodejs';
import type { JsonObject } from '../../core/json.ts';
import type {
  DecisionRequest,
  EntityJson,
  Reason,
  ShadowAnswer,
} from '../../core/ports/decision-point.ts';
import { denied, type Judgement, type Prepared } from './preparse.ts';

/** Asks Cedar and turns every doubt into a deny. Throws only when Cedar itself does. */
export function judge(prepared: Prepared, request: DecisionRequest): Judgement {
  const judgement = judgeEnforced(prepared, request);
  const shadow = prepared.shadowSet === undefined ? [] : judgeShadow(prepared, request);
  return shadow.length > 0 ? { ...judgement, shadow } : judgement;
}

function judgeEnforced(prepared: Prepared, request: DecisionRequest): Judgement {
  const response = ask(prepared, prepared.enforcedSet, request);
  if (response === undefined) return denied('request-invalid');
  const { decision, diagnostics } = response;
  if (diagnostics.errors.length > 0) {
    // Cedar skips a policy that fails: a failing forbid would be an allow.
    const failing = diagnostics.errors.map(({ policyId }) => policyId);
    return { answer: 'deny', reasons: reasonsOf(prepared, failing), code: 'policy-error' };
  }
  const reasons = reasonsOf(prepared, diagnostics.reason);
  if (decision === 'allow') return { answer: 'allow', reasons };
  if (reasons.length === 0) return denied('no-permit');
  const approvalsNeeded = approvalsThatPermit(prepared, request, reasons);
  return approvalsNeeded === undefined
    ? { answer: 'deny', reasons, code: 'denied' }
    : { answer: 'awaiting-approval', reasons, approvalsNeeded };
}

/**
 * How many approvals would permit, where they are all that is missing; else undefined. No policy is
 * ever removed: the very same set is asked again with `context.approvals` raised to the largest
 * `@approval` among the determining forbids. An allow then shows both that these forbids are met
 * and that a permit matches.
 */
function approvalsThatPermit(
  prepared: Prepared,
  request: DecisionRequest,
  forbids: readonly Reason[],
): number | undefined {
  const approvals = request.context['approvals'];
  const needed = forbids.map(({ id }) => prepared.policies.get(id)?.approval);
  if (typeof approvals !== 'number' || needed.includes(undefined)) return undefined;
  const raised = Math.max(approvals, ...needed.flatMap((count) => count ?? []));
  const context = { ...request.context, approvals: raised };
  const response = ask(prepared, prepared.enforcedSet, { ...request, context });
  const isPermitted = response?.decision === 'allow' && response.diagnostics.errors.length === 0;
  return isPermitted ? raised : undefined;
}

// A shadow set that fails in whatever way is a deny in the report; it never touches the answer.
function judgeShadow(prepared: Prepared, request: DecisionRequest): readonly ShadowAnswer[] {
  try {
    const response = ask(prepared, prepared.shadowSet ?? '', request);
    if (response === undefined) return [{ answer: 'deny', reasons: [] }];
    const failing = response.diagnostics.errors.map(({ policyId }) => policyId);
    const ids = [...response.diagnostics.reason, ...failing];
    if (ids.length === 0) return [];
    const answer = failing.length > 0 ? 'deny' : response.decision;
    return [{ answer, reasons: reasonsOf(prepared, ids) }];
  } catch {
    return [{ answer: 'deny', reasons: [] }];
  }
}

function ask(prepared: Prepared, set: string, request: DecisionRequest): Response | undefined {
  const answer = prepared.authorize({
    principal: { ...request.principal },
    action: { type: 'Action', id: request.action },
    resource: { ...request.resource },
    context: cedarRecord(request.context),
    entities: request.entities.map(cedarEntity),
    preparsedSchemaName: prepared.schemaName,
    preparsedPolicySetId: set,
    validateRequest: true,
  });
  return answer.type === 'failure' ? undefined : answer.response;
}

// Cedar's types are the mutable twins of ours.
function cedarRecord(value: JsonObject): Context {
  return value as Context;
}

function cedarEntity({ uid, attrs, parents, tags }: EntityJson): CedarEntity {
  return { uid, attrs: cedarRecord(attrs), parents: [...parents], tags: { ...tags } };
}

// Cedar gives the ids in random order.
function reasonsOf(prepared: Prepared, ids: readonly string[]): readonly Reason[] {
  return [...new Set(ids)].sort().map((id) => {
    const advice = prepared.policies.get(id)?.advice;
    return advice === undefined ? { id } : { id, advice };
  });
}
