import type { Account, Role } from '../../../iam/account.ts';
import type { Tri } from '../../../iam/context.ts';
import { parsePolicyDocument } from '../../../iam/document.ts';
import type { Subject } from '../enumerate.ts';
import { type Detection, findingOf, type Severity } from '../finding.ts';
import { ESCALATION_PATHS, type EscalationPath, type TargetKind } from '../paths/catalog.ts';
import { powerOf, sampleResources, sourcesGranting } from '../power.ts';
import { isAdministrator } from './administrator.ts';
import { principalRef } from './principal-ref.ts';
import { keepOf } from './sensitive-service.ts';

/** What a permission reaches: an entity of the account, or only one that may come to be. */
interface Reach {
  readonly resource: string;
  readonly power: Tri;
  readonly exists: boolean;
}

/** The paths to more power that are open to the principal; none for an administrator, who is there. */
export function privilegeEscalation(subject: Subject): readonly Detection[] {
  if (isAdministrator(subject)) return [];
  return ESCALATION_PATHS.flatMap((path) => {
    const reaches = path.permissions.map(({ action, on }) => reachOf(subject, action, on, path));
    const open = reaches.filter((each) => each !== undefined);
    return open.length === reaches.length ? [detectionOf(subject, path, open)] : [];
  });
}

function detectionOf(subject: Subject, path: EscalationPath, reaches: readonly Reach[]): Detection {
  const actions = path.permissions.map((each) => each.action);
  const labels = actions.flatMap((action) => sourcesGranting(subject, action)).map((s) => s.source);
  const finding = findingOf(
    {
      ruleId: 'privilege-escalation',
      category: 'privilege-escalation',
      severity: severityOf(reaches),
      principal: principalRef(subject),
      policies: [...new Set(labels)],
      actions,
      path: [path.id, subject.principal.arn, ...new Set(reaches.map((each) => each.resource))],
      message: `${subject.principal.type} \`${subject.principal.name}\`: ${path.title}; gains ${path.gain}`,
    },
    path.id,
  );
  const cuts = path.cut.map((action) => ({
    probe: action,
    deny: [action],
    except: action,
    keep: keepOf(action),
  }));
  return { finding, cuts };
}

function severityOf(reaches: readonly Reach[]): Severity {
  if (reaches.some((each) => each.power === 'depends')) return 'medium';
  return reaches.every((each) => each.exists) ? 'critical' : 'high';
}

function reachOf(
  subject: Subject,
  action: string,
  on: TargetKind,
  path: EscalationPath,
): Reach | undefined {
  if (sourcesGranting(subject, action).length === 0) return undefined;
  let best: Reach | undefined;
  for (const { resource, exists } of candidatesOf(subject, action, on, path)) {
    const power = powerOf(subject, action, resource);
    if (power === 'yes') return { resource, power, exists };
    if (power === 'depends') best ??= { resource, power, exists };
  }
  return best;
}

interface Candidate {
  readonly resource: string;
  readonly exists: boolean;
}

function candidatesOf(
  subject: Subject,
  action: string,
  on: TargetKind,
  path: EscalationPath,
): readonly Candidate[] {
  // Whether such a function, stack or instance exists is not in the file: taken as existing.
  if (on === 'any')
    return sampleResources(subject, action).map((resource) => ({ resource, exists: true }));
  const { account, principal } = subject;
  const real = existing(account, on, path)
    .filter((arn) => on !== 'other-user' || arn !== principal.arn)
    .map((resource) => ({ resource, exists: true }));
  const type = on === 'customer-policy' ? 'policy' : (on.split('-').at(-1) ?? on);
  const prefix = `arn:${account.partition}:iam::${account.accountId}:${type}/`;
  const samples = sampleResources(subject, action).filter((arn) => arn.startsWith(prefix));
  const made = [...samples, `${prefix}interlock-sample`]
    .filter((arn) => !knows(account, arn))
    .map((resource) => ({ resource, exists: false }));
  return [...real, ...made];
}

const knows = (account: Account, arn: string): boolean =>
  account.users.has(arn) ||
  account.roles.has(arn) ||
  account.groups.has(arn) ||
  account.policies.has(arn);

function existing(account: Account, on: TargetKind, path: EscalationPath): readonly string[] {
  if (on === 'customer-policy')
    return [...account.policies.keys()].filter((arn) => arn.includes(`::${account.accountId}:`));
  if (on === 'group') return [...account.groups.keys()];
  if (on === 'role') return [...account.roles.keys()];
  if (on !== 'passable-role') return [...account.users.keys()];
  return [...account.roles.values()]
    .filter((role) => path.service === undefined || trustsService(role, path.service))
    .map((role) => role.arn);
}

function trustsService(role: Role, service: string): boolean {
  try {
    return parsePolicyDocument(role.trustText).statements.some(
      (each) =>
        each.effect === 'Allow' &&
        each.principals?.kind === 'only' &&
        each.principals.entries.some(
          (entry) => entry.type === 'Service' && entry.value === service,
        ),
    );
  } catch {
    return false;
  }
}
