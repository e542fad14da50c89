import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  killSwitchRequest,
  PHASE_PREFIX,
  proposeRequest,
  type StepPhase,
  stepRequest,
  transactionRequest,
} from '../../core/authorization.ts';
import type { Answer, DecisionPoint, DecisionRequest } from '../../core/ports/decision-point.ts';
import { parseData } from './read-data.ts';

const count = z.int().min(0).max(1_000_000);
const affected = z.strictObject({
  arn: z.string(),
  path: z.string().default('/'),
  tags: z.record(z.string(), z.string()).default({}),
});

const Given = z.strictObject({
  agent: z.string().optional(),
  operator: z.string().optional(),
  action: z.string(),
  /** ARN of a step's target, account id of a proposal, scope of the kill switch, or transaction. */
  target: z.string(),
  /** The agent whose transaction `target` is. */
  proposedBy: z.string().default('iam-auditor'),
  /** Principals whose permissions change; the target alone when absent. */
  affected: z.array(affected).optional(),
  affectedPrincipals: count.optional(),
  widens: z.boolean().default(false),
  removes: count.default(0),
  approvals: count.default(0),
  planSteps: count.default(1),
  planResources: count.default(1),
});

const Case = z.strictObject({
  name: z.string().min(1),
  given: Given,
  expect: z.enum(['allow', 'deny', 'awaiting-approval']),
  /** Exactly the policies that make the answer; empty where no permit matches. */
  because: z.array(z.string()),
});
type Case = z.infer<typeof Case>;
const Cases = z.array(Case).max(1000);

/** One case with its file, before it is asked. */
export interface PolicyCase extends Case {
  readonly file: string;
}

/** What a case expected and what it got. */
export interface CaseResult {
  readonly file: string;
  readonly name: string;
  readonly isPassed: boolean;
  readonly expected: string;
  readonly actual: string;
  readonly because: readonly string[];
}

/** The cases of `DIRECTORY/cases/*.json`. Throws `PolicyInvalidError` (`data-invalid`). */
export function loadCases(directory: string): readonly PolicyCase[] {
  const folder = join(directory, 'cases');
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().flatMap((file) => {
    const cases = parseCases(`cases/${file}`, readFileSync(join(folder, file), 'utf8'));
    return cases.map((one) => ({ ...one, file }));
  });
}

/** The cases of one file's text. Throws `PolicyInvalidError` (`data-invalid`). */
export function parseCases(file: string, text: string): readonly PolicyCase[] {
  return parseData(Cases, file, text).map((one) => ({ ...one, file }));
}

/** Asks the decision point every case, in order. */
export async function runCases(
  cases: readonly PolicyCase[],
  decisionPoint: DecisionPoint,
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const one of cases) {
    const answer = await decisionPoint.decide(caseRequest(one, decisionPoint));
    const expected = `${one.expect} ${[...one.because].sort().join(', ')}`.trim();
    const actual = answerText(answer);
    const because = answer.reasons.map(({ id }) => id);
    const { file, name } = one;
    results.push({ file, name, isPassed: actual === expected, expected, actual, because });
  }
  return results;
}

/** The Cedar request that a case describes. */
export function caseRequest({ given }: PolicyCase, data: DecisionPoint): DecisionRequest {
  const { action, target } = given;
  const agent = given.agent ?? 'iam-auditor';
  const operator = given.operator ?? 'nobody';
  switch (action) {
    case 'transaction:Propose':
      return proposeRequest({ agent, accountId: target, steps: given.planSteps, data });
    case 'kill-switch:Engage':
    case 'kill-switch:Release':
      return killSwitchRequest({ operator, action, scope: target });
    case 'transaction:Approve':
    case 'transaction:Cancel':
    case 'transaction:Refuse':
    case 'transaction:Resolve': {
      const by =
        given.operator === undefined
          ? { type: 'Agent' as const, id: agent }
          : { type: 'Operator' as const, id: operator };
      const accountId = '111122223333';
      return transactionRequest({
        by,
        action,
        transactionId: target,
        agent: given.proposedBy,
        accountId,
      });
    }
    default:
      return caseStep(given, agent, data);
  }
}

function caseStep(given: z.infer<typeof Given>, agent: string, data: DecisionPoint) {
  const { phase, action } = splitAction(given.action);
  const parts = given.target.split(':');
  const resource = parts.slice(5).join(':');
  const path = resource.slice(resource.indexOf('/'), resource.lastIndexOf('/') + 1);
  const principals = given.affected ?? [{ arn: given.target, path, tags: {} }];
  return stepRequest({
    phase,
    agent,
    action,
    resource: given.target,
    target: {
      accountId: parts[4] ?? '',
      arn: given.target,
      uniqueId: given.target,
      attributes: {},
      affected: principals,
    },
    facts: {
      widens: given.widens,
      affectedPrincipals: given.affectedPrincipals ?? principals.length,
      removedCount: given.removes,
    },
    plan: { steps: given.planSteps, resources: given.planResources },
    approvals: given.approvals,
    data,
  });
}

// `verify:undo:` before `verify:`: the longest prefix wins.
const PHASES: readonly StepPhase[] = ['verify-undo', 'undo', 'compensate', 'verify', 'apply'];

function splitAction(full: string): { phase: StepPhase; action: string } {
  const phase = PHASES.find((one) => full.startsWith(PHASE_PREFIX[one])) ?? 'apply';
  return { phase, action: full.slice(PHASE_PREFIX[phase].length) };
}

function answerText(answer: Answer): string {
  return `${answer.answer} ${answer.reasons.map(({ id }) => id).join(', ')}`.trim();
}
