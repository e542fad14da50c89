import { InvalidInputError } from '../../core/errors.ts';
import type { Role, User } from '../../iam/account.ts';
import { type Subject, subjectOf } from './enumerate.ts';

/** A step as proposals have it. */
export interface StepInput {
  readonly action: string;
  readonly input: Readonly<Record<string, string>>;
}

/**
 * The subject as it would be after one of the ten registered IAM actions on it; group grants stay. The
 * account that it belongs to is left as it is. Throws `InvalidInputError` `unknown-action`.
 */
export function foldStep(subject: Subject, step: StepInput): Subject {
  return subjectOf(subject.account, changed(subject.principal, step));
}

function changed(principal: User | Role, { action, input }: StepInput): User | Role {
  const policyArn = input['PolicyArn'] ?? '';
  const name = input['PolicyName'] ?? '';
  const detached = principal.attached.filter((each) => each.arn !== policyArn);
  const without = principal.inline.filter((each) => each.name !== name);
  switch (action.replace(/(User|Role)/, '')) {
    case 'iam:DetachPolicy':
      return { ...principal, attached: detached };
    case 'iam:AttachPolicy': {
      const added = { name: policyArn.slice(policyArn.lastIndexOf('/') + 1), arn: policyArn };
      return { ...principal, attached: [...detached, added] };
    }
    case 'iam:DeletePolicy':
      return { ...principal, inline: without };
    case 'iam:PutPolicy': {
      const added = { name, documentText: input['PolicyDocument'] ?? '' };
      return { ...principal, inline: [...without, added] };
    }
    case 'iam:PutPermissionsBoundary':
      return { ...principal, boundaryArn: input['PermissionsBoundary'] ?? '' };
    case 'iam:DeletePermissionsBoundary': {
      const { boundaryArn: _, ...unbounded } = principal;
      return unbounded;
    }
    default:
      throw new InvalidInputError('unknown-action', `no fold for action \`${action}\``);
  }
}
