import type { StepDraft } from '../../../core/action.ts';
import type { CloudRequest } from '../../../core/ports/cloud.ts';
import { allowing, policyArnOf, ROLE_NAME, USER_NAME } from './small-account.ts';

/** One action as it runs on the small account. */
export interface ActionCase {
  readonly id: string;
  readonly step: StepDraft;
  /** What somebody else does to the very edge of the step, before it. */
  readonly otherBefore: CloudRequest;
  /** What somebody else does to it after; absent where only `before` and `predicted` exist. */
  readonly otherAfter?: CloudRequest;
}

const narrow = policyArnOf('narrow');
const wide = policyArnOf('wide');
const other = policyArnOf('other');
const text = (action: string): string => JSON.stringify(allowing(action));

/** Each of the ten actions, in an order in which they can follow each other. */
export const ACTION_CASES: readonly ActionCase[] = (['Role', 'User'] as const).flatMap((label) => {
  const who = label === 'Role' ? { RoleName: ROLE_NAME } : { UserName: USER_NAME };
  const call = (verb: string, input: StepDraft['input']): CloudRequest => ({
    operation: `iam:${verb.replace('*', label)}`,
    input: { ...who, ...input },
  });
  const rewritten = (PolicyName: string): CloudRequest =>
    call('Put*Policy', { PolicyName, PolicyDocument: text('s3:GetBucketAcl') });
  const cases = [
    caseOf({
      change: call('Attach*Policy', { PolicyArn: narrow }),
      otherBefore: call('Attach*Policy', { PolicyArn: narrow }),
    }),
    caseOf({
      change: call('Put*Policy', { PolicyName: 'scoped', PolicyDocument: text('s3:GetObject') }),
      otherBefore: rewritten('scoped'),
      otherAfter: rewritten('scoped'),
    }),
    ...(label === 'Role' ? boundaryCases(call) : []),
    caseOf({
      change: call('Delete*Policy', { PolicyName: 'old' }),
      otherBefore: rewritten('old'),
      otherAfter: rewritten('old'),
    }),
    caseOf({
      change: call('Detach*Policy', { PolicyArn: wide }),
      otherBefore: call('Detach*Policy', { PolicyArn: wide }),
    }),
  ];
  return cases;
});

function boundaryCases(
  call: (verb: string, input: StepDraft['input']) => CloudRequest,
): readonly ActionCase[] {
  const someBoundary = call('Put*PermissionsBoundary', { PermissionsBoundary: other });
  return [
    caseOf({
      change: call('Put*PermissionsBoundary', { PermissionsBoundary: wide }),
      otherBefore: someBoundary,
      otherAfter: someBoundary,
    }),
    caseOf({
      change: call('Delete*PermissionsBoundary', {}),
      otherBefore: someBoundary,
      otherAfter: someBoundary,
    }),
  ];
}

function caseOf(parts: {
  readonly change: CloudRequest;
  readonly otherBefore: CloudRequest;
  readonly otherAfter?: CloudRequest;
}): ActionCase {
  const { change, ...others } = parts;
  const { operation: id, input } = change;
  return { id, step: { action: id, input }, ...others };
}

/** The case of an action. */
export function caseNamed(id: string): ActionCase {
  const found = ACTION_CASES.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no case of ${id}`);
  return found;
}
