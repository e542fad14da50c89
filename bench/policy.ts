import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cedarDecisionPoint } from '../adapters/cedar/decision-point.ts';
import { loadPolicies } from '../adapters/cedar/load.ts';
import { stepRequest } from '../core/authorization.ts';
import { InvariantError } from '../core/errors.ts';
import type { DecisionPoint, DecisionRequest } from '../core/ports/decision-point.ts';

/** What one decision costs its caller, digests of the request included; microseconds. */
export interface PolicyMeasure {
  readonly policies: number;
  /** Of requests that were never asked before. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** Of requests whose answer is reused. */
  readonly reusedP50Us: number;
}

const SIZES = [5, 50, 500] as const;
const WARM_UP = 300;
const SAMPLES = 1000;
const DATA_FILES = ['schema.cedarschema', 'agents.json', 'protection.json', 'blast-radius.json'];
// The five that an ordinary step of the auditor meets.
const MET = [
  'blast-radius-principals',
  'iam-auditor-applies',
  'iam-auditor-proposes',
  'no-step-may-widen',
  'protected-principals',
];

/**
 * Times decisions through the real decision point, one after another, at 5, 50 and 500 policies: the
 * shipped ones and as many of other agents, actions and teams as are missing. Takes about 4 s.
 * Throws `InvariantError` when an answer is not what is being measured.
 */
export async function measurePolicy(samples = SAMPLES): Promise<readonly PolicyMeasure[]> {
  const measures: PolicyMeasure[] = [];
  for (const size of SIZES) measures.push(await measureSize(size, samples));
  return measures;
}

async function measureSize(size: number, samples: number): Promise<PolicyMeasure> {
  const pdp = decisionPointOf(size);
  const requests = Array.from({ length: WARM_UP + samples }, (_, index) => request(index, pdp));
  const fresh = await timeEach(pdp, requests);
  const reused = await timeEach(pdp, requests.slice(WARM_UP));
  const stats = pdp.stats();
  if (stats.fresh !== requests.length || stats.reused !== samples)
    throw new InvariantError(`${stats.fresh} answers were fresh and ${stats.reused} reused`);
  return {
    policies: size,
    p50Us: percentile(fresh.slice(WARM_UP), 0.5),
    p99Us: percentile(fresh.slice(WARM_UP), 0.99),
    reusedP50Us: percentile(reused, 0.5),
  };
}

function decisionPointOf(size: number): DecisionPoint {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-bench-policy-'));
  try {
    for (const file of DATA_FILES) copyFileSync(join('policies', file), join(folder, file));
    writeFileSync(join(folder, 'bench.cedar'), policyTexts(size).join('\n'));
    const loaded = loadPolicies(folder);
    if (loaded.policies.length !== size)
      throw new InvariantError(`${loaded.policies.length} policies instead of ${size}`);
    return cedarDecisionPoint(loaded);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function policyTexts(size: number): readonly string[] {
  const shipped = loadPolicies('policies').policies;
  const kept = shipped.length <= size ? shipped : shipped.filter(({ id }) => MET.includes(id));
  const missing = Math.max(0, size - kept.length);
  const others = Array.from({ length: missing }, (_, index) => otherPolicy(index));
  return [...kept.map(({ text }) => text), ...others];
}

// Three of four are the permits of other agents; every fourth guards a team's own roles, and so has
// to be evaluated for the measured step too.
function otherPolicy(index: number): string {
  const kind = index % 2 === 0 ? 'Role' : 'User';
  const team = `team-${index}`;
  return index % 4 === 0
    ? `@id("guard-${team}") @advice("${team} changes its own roles")
       forbid (principal, action in Action::"phase:apply", resource is IamRole)
       when { resource.path like "/${team}/*" && context.removedCount > 0 };`
    : `@id("permit-${team}")
       permit (principal == Agent::"${team}", action == Action::"iam:Put${kind}Policy", resource)
       when { resource.path like "/${team}/*" && context.affectedPrincipals <= ${1 + (index % 9)} };`;
}

function request(index: number, data: DecisionPoint): DecisionRequest {
  const arn = `arn:aws:iam::111122223333:role/app/service-${index}`;
  const affected = [{ arn, path: '/app/', tags: { owner: `owner-${index}` } }];
  return stepRequest({
    phase: 'apply',
    agent: 'iam-auditor',
    action: 'iam:DetachRolePolicy',
    resource: arn,
    target: { accountId: '111122223333', arn, uniqueId: `AROA${index}`, attributes: {}, affected },
    facts: { widens: false, affectedPrincipals: 1, removedCount: 1 },
    plan: { steps: 5, resources: 5 },
    approvals: 0,
    data,
  });
}

async function timeEach(
  pdp: DecisionPoint,
  requests: readonly DecisionRequest[],
): Promise<readonly number[]> {
  const times: number[] = [];
  for (const one of requests) {
    const started = performance.now();
    const { answer, code } = await pdp.decide(one);
    times.push((performance.now() - started) * 1000);
    if (answer !== 'allow') throw new InvariantError(`the answer was ${answer} ${code ?? ''}`);
  }
  return times;
}

function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return Math.round(sorted[at] ?? 0);
}
