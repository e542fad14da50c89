import { LOCATE_ACTIONS } from '../actions/iam/locate.ts';
import type { Action, Target } from '../core/action.ts';
import { InvariantError } from '../core/errors.ts';

/** What the action role of a target account allows at most; a session policy narrows it. */
export interface ActionPermissions {
  /** Reads that find a plan's targets, on every resource. */
  readonly locate: readonly string[];
  /** Every other call, by the kind of resource it is made on. */
  readonly steps: readonly { readonly resource: string; readonly actions: readonly string[] }[];
}

const ACCOUNT_ID = '0'.repeat(12);
const POLICY_ARN = `arn:aws:iam::${ACCOUNT_ID}:policy/sample`;
/** One legal value of every field that an action may have. */
const SAMPLES: Readonly<Record<string, string>> = {
  RoleName: 'sample',
  UserName: 'sample',
  PolicyName: 'sample',
  PolicyArn: POLICY_ARN,
  PermissionsBoundary: POLICY_ARN,
  PolicyDocument: '{"Version":"2012-10-17","Statement":[]}',
};
const FIELDS_MAX = 6;

/**
 * The union of what the actions need in all their phases, without their conditions, on all
 * resources of the same kind. Throws `InvariantError` for an action whose input has no sample here.
 */
export function actionPermissions(actions: readonly Action[]): ActionPermissions {
  const byResource = new Map<string, Set<string>>();
  for (const action of actions) {
    const input = sampleInput(action);
    const { read, apply, compensate } = action.permissions(sampleTarget(input), input);
    for (const statement of [...read, ...apply, ...compensate]) {
      for (const arn of statement.resources) {
        const known = byResource.get(kindOf(arn)) ?? new Set();
        byResource.set(kindOf(arn), new Set([...known, ...statement.actions]));
      }
    }
  }
  const steps = [...byResource].map(([resource, names]) => ({ resource, actions: sorted(names) }));
  return {
    locate: sorted(LOCATE_ACTIONS),
    steps: steps.sort((one, other) => (one.resource < other.resource ? -1 : 1)),
  };
}

function sampleInput(action: Action): Readonly<Record<string, string>> {
  let input: Readonly<Record<string, string>> = {};
  // What is missing, or is too much, the action's own schema says.
  for (let fields = 0; fields <= FIELDS_MAX; fields += 1) {
    const parsed = action.input.safeParse(input);
    if (parsed.success) return input;
    const field = parsed.error.issues[0]?.path[0];
    const sample = typeof field === 'string' ? SAMPLES[field] : undefined;
    if (typeof field !== 'string' || sample === undefined || field in input)
      throw new InvariantError(`there is no sample for \`${String(field)}\` of \`${action.id}\``);
    input = { ...input, [field]: sample };
  }
  throw new InvariantError(`\`${action.id}\` has more than ${FIELDS_MAX} fields`);
}

function sampleTarget(input: Readonly<Record<string, string>>): Target {
  const kind = input['RoleName'] === undefined ? 'user' : 'role';
  const arn = `arn:aws:iam::${ACCOUNT_ID}:${kind}/sample`;
  return { accountId: ACCOUNT_ID, arn, uniqueId: 'sample', attributes: {}, affected: [] };
}

/** `role/*` of the ARN of a role. */
function kindOf(arn: string): string {
  const [, , service, , , resource] = arn.split(':');
  if (service !== 'iam' || resource === undefined)
    throw new InvariantError(`\`${arn}\` is of no service that the action role knows`);
  return `${resource.split('/')[0]}/*`;
}

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();
