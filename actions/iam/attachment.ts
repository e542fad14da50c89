import {
  type Action,
  defineAction,
  type PermissionStatement,
  type Target,
} from '../../core/action.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CloudRequest } from '../../core/ports/cloud.ts';
import { callUnlessGone } from './answers.ts';
import { attachedKey, principalFacts } from './grants-view.ts';
import { locatePrincipal } from './locate.ts';
import { collect } from './pages.ts';
import {
  inputOf,
  type PrincipalKind,
  policyArn,
  readSamePrincipal,
  textAt,
} from './principal-kind.ts';

/** Is this managed policy attached to this principal? */
export interface AttachmentState extends JsonObject {
  readonly uniqueId: string;
  readonly attached: boolean;
}

/** The action that attaches a managed policy to a role or user. */
export function attachAction(kind: PrincipalKind): Action {
  return defineAction<JsonObject, AttachmentState>({
    ...sharedParts(kind),
    id: `iam:Attach${kind.label}Policy`,
    version: 1,
    title: `Attach a managed policy to a ${kind.noun}`,
    description: `Grants a ${kind.noun} what a managed policy says; undone by detaching it.`,
    permissions: (target, input) => ({
      read: [readStatement(kind, target)],
      apply: [changeStatement('Attach', kind, { target, input })],
      compensate: [changeStatement('Detach', kind, { target, input })],
    }),
    // IAM answers success when the policy is attached already.
    predict: (_input, before) => ({ ...before, attached: true }),
    apply: async (_target, input, _before, cloud) => {
      await cloud.call(changeRequest('Attach', kind, input));
    },
    compensate: async (_target, input, before, cloud) => {
      // Attached before: the call, even one that still arrives, changes nothing.
      if (!before.attached) await callUnlessGone(cloud, changeRequest('Detach', kind, input));
    },
    inverse: (_target, input, before) =>
      before.attached ? undefined : { action: `iam:Detach${kind.label}Policy`, input },
  });
}

/** The action that detaches a managed policy from a role or user. */
export function detachAction(kind: PrincipalKind): Action {
  return defineAction<JsonObject, AttachmentState>({
    ...sharedParts(kind),
    id: `iam:Detach${kind.label}Policy`,
    version: 1,
    title: `Detach a managed policy from a ${kind.noun}`,
    description: `Takes from a ${kind.noun} what a managed policy grants; undone by attaching it.`,
    permissions: (target, input) => ({
      read: [readStatement(kind, target)],
      apply: [changeStatement('Detach', kind, { target, input })],
      compensate: [changeStatement('Attach', kind, { target, input })],
    }),
    predict: (input, before) => {
      if (!before.attached) {
        const message = `\`${textAt(input, 'PolicyArn')}\` is not attached`;
        throw new InvalidInputError('not-attached', message);
      }
      return { ...before, attached: false };
    },
    apply: async (_target, input, _before, cloud) => {
      await cloud.call(changeRequest('Detach', kind, input));
    },
    compensate: async (_target, input, before, cloud) => {
      if (before.attached) await cloud.call(changeRequest('Attach', kind, input));
    },
    inverse: (_target, input, before) =>
      before.attached ? { action: `iam:Attach${kind.label}Policy`, input } : undefined,
  });
}

type SharedParts = Pick<
  Action<JsonObject, AttachmentState>,
  'input' | 'locate' | 'resources' | 'footprint' | 'read' | 'restorable' | 'facts'
>;

function sharedParts(kind: PrincipalKind): SharedParts {
  const footprint = (target: Target, input: JsonObject): string =>
    attachedKey(target.arn, textAt(input, 'PolicyArn'));
  return {
    input: inputOf(kind, { PolicyArn: policyArn }),
    locate: (input, context, cloud) =>
      locatePrincipal(kind, { input, policyArn: textAt(input, 'PolicyArn'), context }, cloud),
    resources: (target) => [target.arn],
    footprint,
    read: async (target, input, cloud) => {
      const name = textAt(input, kind.nameField);
      await readSamePrincipal(kind, { name, uniqueId: target.uniqueId }, cloud);
      const operation = `iam:ListAttached${kind.label}Policies`;
      const request = { operation, input: { [kind.nameField]: name } };
      const attached = await collect(cloud, request, 'AttachedPolicies');
      const isAttached = attached.some(
        (one) => (one as JsonObject)['PolicyArn'] === input['PolicyArn'],
      );
      return { uniqueId: target.uniqueId, attached: isAttached };
    },
    restorable: () => true,
    facts: (target, input, before, after, view) =>
      principalFacts(target, { key: footprint(target, input), before, after }, view),
  };
}

function readStatement(kind: PrincipalKind, target: Target): PermissionStatement {
  return {
    actions: [`iam:Get${kind.label}`, `iam:ListAttached${kind.label}Policies`],
    resources: [target.arn],
  };
}

function changeStatement(
  verb: 'Attach' | 'Detach',
  kind: PrincipalKind,
  { target, input }: { readonly target: Target; readonly input: JsonObject },
): PermissionStatement {
  return {
    actions: [`iam:${verb}${kind.label}Policy`],
    resources: [target.arn],
    condition: { ArnEquals: { 'iam:PolicyARN': textAt(input, 'PolicyArn') } },
  };
}

function changeRequest(
  verb: 'Attach' | 'Detach',
  kind: PrincipalKind,
  input: JsonObject,
): CloudRequest {
  return { operation: `iam:${verb}${kind.label}Policy`, input };
}
