import { digestOf } from '../../core/hash.ts';
import type { Plan } from '../../core/plan.ts';
import { compiledStatements } from '../../iam/compiled.ts';
import { grantsNothingNew } from '../../iam/contain.ts';
import { grantsOfSubject, type Subject } from './enumerate.ts';
import type { Detection, Finding } from './finding.ts';
import { foldStep, type StepInput } from './fold.ts';
import { remedyOf } from './remedy.ts';
import { detect } from './validate.ts';

/** A plan that remedies findings of one principal, with the proof that it only narrows. */
export interface Proposal {
  /** Stable: from the plan's digest. */
  readonly id: string;
  readonly plan: Plan;
  readonly principalArn: string;
  readonly findingIds: readonly string[];
  /** One text a step, in order. */
  readonly proof: readonly string[];
  /** Lines for people: `- ` goes, `+ ` comes. */
  readonly diff: readonly string[];
}

/** What came of one principal's findings: each has a plan or a reason. */
export interface Outcome {
  readonly findings: readonly Finding[];
  readonly proposal?: Proposal;
}

/** The auditor's agent id. */
export const AGENT = 'iam-auditor';
const DEADLINE_MS = 15 * 60 * 1000;

/** In whose name plans are proposed, and how long they have. */
export interface ProposeAs {
  readonly agent?: string;
  readonly deadlineMs?: number;
}

/** Proposes against one principal's findings; what is not proved to narrow is not proposed. */
export function propose(
  subject: Subject,
  detections: readonly Detection[],
  as: ProposeAs = {},
): Outcome {
  if (detections.length === 0) return { findings: [] };
  const blocked = blockedBy(subject);
  if (blocked !== undefined) return { findings: withReasons(detections, () => blocked) };
  const steps = remedyOf(subject, detections);
  if (steps.length === 0) return { findings: withReasons(detections, reasonOf) };
  const states = chain(subject, steps);
  const grants = states.map(grantsOfSubject);
  const proofs = grants.slice(1).map((after, at) => grantsNothingNew(grants[at] ?? after, after));
  const unproved = proofs.find((each) => !each.proved);
  if (unproved !== undefined) {
    const reason = `a remedy is not proved to narrow: ${unproved.reason}`;
    return { findings: withReasons(detections, () => reason) };
  }
  const after = states.at(-1) ?? subject;
  const left = new Set(detect(after).map((each) => each.finding.id));
  const closed = detections.map((each) => each.finding.id).filter((id) => !left.has(id));
  if (closed.length === 0) return { findings: withReasons(detections, reasonOf) };
  const plan = { ...planOf(subject, steps, closed.length), ...as };
  const id = `proposal-${digestOf(plan).slice(0, 16)}`;
  const findings = detections.map(
    (each): Finding =>
      left.has(each.finding.id)
        ? { ...each.finding, remediation: { kind: 'none', reason: reasonOf(each) } }
        : { ...each.finding, remediation: { kind: 'plan', proposalId: id } },
  );
  const proof = proofs.map((each) => each.reason);
  const { arn } = subject.principal;
  const diff = diffOf(subject, after);
  return { findings, proposal: { id, plan, principalArn: arn, findingIds: closed, proof, diff } };
}

function blockedBy(subject: Subject): string | undefined {
  if (subject.isProtected) return 'the principal is protected: only people change it';
  return subject.invalid.length > 0
    ? 'a policy of the principal is missing or malformed: nothing can be proved'
    : undefined;
}

const withReasons = (
  detections: readonly Detection[],
  reason: (detection: Detection) => string,
): readonly Finding[] =>
  detections.map((each) => ({
    ...each.finding,
    remediation: { kind: 'none', reason: reason(each) },
  }));

function reasonOf({ finding, cuts }: Detection): string {
  if (cuts.length > 0) return 'no registered action closes it and keeps within the size limits';
  return finding.category === 'hygiene'
    ? 'the grants are needed as they are: their owner must move them to a managed policy'
    : 'no registered action changes it';
}

function chain(subject: Subject, steps: readonly StepInput[]): readonly Subject[] {
  const states = [subject];
  for (const step of steps) states.push(foldStep(states.at(-1) ?? subject, step));
  return states;
}

function planOf(subject: Subject, steps: readonly StepInput[], count: number): Plan {
  const { account, principal } = subject;
  return {
    agent: AGENT,
    // INVARIANT: parseAccount has read the partition from an ARN.
    target: { partition: account.partition as 'aws', accountId: account.accountId },
    purpose: `close ${count} finding${count === 1 ? '' : 's'} of ${principal.type} ${principal.name}`,
    steps: steps.map(({ action, input }, at) => ({ id: `step-${at + 1}`, action, input })),
    deadlineMs: DEADLINE_MS,
  };
}

function diffOf(before: Subject, after: Subject): readonly string[] {
  const old = linesOf(before);
  const now = linesOf(after);
  return [
    ...old.filter((each) => !now.includes(each)).map((each) => `- ${each}`),
    ...now.filter((each) => !old.includes(each)).map((each) => `+ ${each}`),
  ];
}

function linesOf(subject: Subject): readonly string[] {
  const grants = subject.sources.flatMap((source) =>
    compiledStatements(source.documentText).map(({ statement: { effect, actions, resources } }) => {
      const what = `${actions.kind === 'except' ? 'all but ' : ''}${actions.patterns.join(', ')}`;
      const where = `${resources.kind === 'except' ? 'all but ' : ''}${resources.patterns.join(', ')}`;
      return `${source.source}: ${effect} ${what} on ${where}`;
    }),
  );
  return subject.boundary === undefined ? grants : [...grants, `boundary: ${subject.boundary.arn}`];
}
