import { compiledStatements } from '../../iam/compiled.ts';
import { grantsNothingNew } from '../../iam/contain.ts';
import type { GrantSource } from '../../iam/principal.ts';
import { grantsOfSubject, type Subject } from './enumerate.ts';
import type { Cut, Detection } from './finding.ts';
import { foldStep, type StepInput } from './fold.ts';
import { narrowDocument } from './narrow.ts';
import { detect } from './validate.ts';

/** Narrowing may open the view on a finding that a worse one hid; so many times at most. */
const ROUNDS_MAX = 4;
/** Non-white-space characters of all inline policies of one principal, "IAM and AWS STS quotas". */
const INLINE_CHARS_MAX = { role: 10_240, user: 2_048 };
const POLICY_NAME_CHARS_MAX = 128;
const BOUNDARY_NAMES = ['ViewOnlyAccess', 'ReadOnlyAccess'];

/** The steps against a principal's findings, in order; empty where there is nothing to be done. */
export function remedyOf(subject: Subject, detections: readonly Detection[]): readonly StepInput[] {
  const bounded = boundaryStep(subject, detections);
  if (bounded !== undefined) return [bounded];
  const cuts = cutsOf(subject, detections);
  const own = subject.sources.filter((each) => each.origin !== 'group');
  const steps = own.flatMap((source) => sourceSteps(subject, source, cuts));
  const after = steps.reduce(foldStep, subject);
  const guard = subject.principal.type === 'user' ? guardSteps(after) : [];
  const wanted = [...guard, ...steps, ...needlessInline(after)];
  return wanted.length > 0 && fitsInline(wanted.reduce(foldStep, subject)) ? wanted : [];
}

/** All cuts, also those of findings that only show once the first ones are gone. */
function cutsOf(subject: Subject, detections: readonly Detection[]): readonly Cut[] {
  let cuts = detections.flatMap((each) => each.cuts);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const sources = subject.sources.flatMap((source) => {
      const documentText =
        source.origin === 'group' ? source.documentText : narrowDocument(source.documentText, cuts);
      return documentText === undefined ? [] : [{ ...source, documentText }];
    });
    const more = detect({ ...subject, sources }).flatMap((each) => each.cuts);
    const fresh = more.filter((each) => !cuts.some((one) => one.probe === each.probe));
    if (fresh.length === 0) return cuts;
    cuts = [...cuts, ...fresh];
  }
  return cuts;
}

function sourceSteps(
  subject: Subject,
  source: GrantSource,
  cuts: readonly Cut[],
): readonly StepInput[] {
  const narrowed = narrowDocument(source.documentText, cuts);
  if (narrowed === source.documentText) return [];
  const { type } = subject.principal;
  if (source.arn === undefined)
    return [
      narrowed === undefined
        ? deleteStep(subject, source)
        : putStep(subject, source.name, narrowed),
    ];
  const detach = stepOf(subject, 'Detach', { PolicyArn: source.arn });
  if (narrowed === undefined) return [detach];
  // Users keep the policy; a guard of Deny statements cuts it, so that no grant becomes inline.
  if (type === 'user') return [];
  const name = `interlock-narrowed-${source.name}`.slice(0, POLICY_NAME_CHARS_MAX);
  const isTaken = subject.sources.some((each) => each.origin === 'inline' && each.name === name);
  return isTaken ? [] : [putStep(subject, name, narrowed), detach];
}

/** A guard of Deny statements for what groups and kept policies still grant. */
function guardSteps(subject: Subject): readonly StepInput[] {
  let cuts = detect(subject).flatMap((each) => each.cuts);
  for (let round = 0; cuts.length > 0 && round < ROUNDS_MAX; round += 1) {
    const step = guardStep(subject, cuts);
    const more = detect(foldStep(subject, step)).flatMap((each) => each.cuts);
    if (more.length === 0) return [step];
    cuts = [...cuts, ...more];
  }
  return [];
}

function guardStep(subject: Subject, cuts: readonly Cut[]): StepInput {
  const deny = [...new Set(cuts.flatMap((each) => each.deny))].sort();
  const statement = { Sid: 'InterlockGuard', Effect: 'Deny', Action: deny, Resource: '*' };
  const taken = subject.sources.filter((each) => each.name.startsWith('interlock-guard')).length;
  const name = taken === 0 ? 'interlock-guard' : `interlock-guard-${taken + 1}`;
  return putStep(subject, name, JSON.stringify({ Version: '2012-10-17', Statement: [statement] }));
}

/** Inline policies of users whose grants the principal has otherwise as well. */
function needlessInline(subject: Subject): readonly StepInput[] {
  if (subject.principal.type !== 'user') return [];
  const inline = subject.sources.filter((each) => each.origin === 'inline');
  const needless = inline.find((source) => {
    const grants = compiledStatements(source.documentText);
    const without = { ...subject, sources: subject.sources.filter((each) => each !== source) };
    return (
      grants.every((each) => each.statement.effect === 'Allow') &&
      grantsNothingNew(grantsOfSubject(without), grantsOfSubject(subject)).proved
    );
  });
  return needless === undefined ? [] : [deleteStep(subject, needless)];
}

/** A boundary instead of a detach where a shared policy is all that a role has. */
function boundaryStep(subject: Subject, detections: readonly Detection[]): StepInput | undefined {
  const { account, principal } = subject;
  const [source, ...others] = subject.sources;
  const isAdmin = detections.some((each) => each.finding.category === 'administrator');
  if (principal.type !== 'role' || subject.boundary !== undefined || !isAdmin) return undefined;
  if (source?.arn === undefined || others.length > 0) return undefined;
  const everyone = [
    ...account.users.values(),
    ...account.roles.values(),
    ...account.groups.values(),
  ];
  const holders = everyone.filter((one) => one.attached.some((each) => each.arn === source.arn));
  if (holders.length < 2) return undefined;
  const steps = [...account.policies.values()]
    .filter((each) => BOUNDARY_NAMES.includes(each.name) || each.path.startsWith('/boundary/'))
    .map((each) => boundaryInput(principal.name, each.arn));
  return steps.find((each) =>
    detect(foldStep(subject, each)).every((one) => one.cuts.length === 0),
  );
}

const boundaryInput = (RoleName: string, PermissionsBoundary: string): StepInput => ({
  action: 'iam:PutRolePermissionsBoundary',
  input: { RoleName, PermissionsBoundary },
});

const deleteStep = (subject: Subject, source: GrantSource): StepInput =>
  stepOf(subject, 'Delete', { PolicyName: source.name });

const putStep = (subject: Subject, PolicyName: string, PolicyDocument: string): StepInput =>
  stepOf(subject, 'Put', { PolicyName, PolicyDocument });

function stepOf(
  { principal }: Subject,
  verb: 'Detach' | 'Delete' | 'Put',
  input: Readonly<Record<string, string>>,
): StepInput {
  const who: Readonly<Record<string, string>> =
    principal.type === 'role' ? { RoleName: principal.name } : { UserName: principal.name };
  const noun = principal.type === 'role' ? 'Role' : 'User';
  return { action: `iam:${verb}${noun}Policy`, input: { ...who, ...input } };
}

function fitsInline({ principal }: Subject): boolean {
  const chars = principal.inline.map((each) => each.documentText.replace(/\s/g, '').length);
  return chars.reduce((sum, each) => sum + each, 0) <= INLINE_CHARS_MAX[principal.type];
}
