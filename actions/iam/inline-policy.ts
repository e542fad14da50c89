import { type Action, defineAction, type Target } from '../../core/action.ts';
import { CloudRefusedError, InvalidInputError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Cloud, CloudRequest } from '../../core/ports/cloud.ts';
import { callUnlessGone } from './answers.ts';
import { inlineKey, principalFacts } from './grants-view.ts';
import { locatePrincipal } from './locate.ts';
import {
  checkIdentityPolicy,
  decodePolicyText,
  policyChars,
  ROLE_INLINE_CHARS_MAX,
  USER_INLINE_CHARS_MAX,
} from './policy-text.ts';
import {
  inputOf,
  type PrincipalKind,
  policyDocument,
  policyName,
  readSamePrincipal,
  textAt,
} from './principal-kind.ts';

/** One inline policy of one principal: `document` as IAM keeps it, absent when there is none. */
type State = JsonObject & { readonly uniqueId: string };

/** The action that writes an inline policy of a role or user. */
export function putInlineAction(kind: PrincipalKind): Action {
  const put = `iam:Put${kind.label}Policy`;
  const remove = `iam:Delete${kind.label}Policy`;
  return defineAction<JsonObject, State>({
    ...sharedParts(kind),
    id: put,
    version: 1,
    title: `Write an inline policy of a ${kind.noun}`,
    description: `Creates or replaces one inline policy; undone by the document of before.`,
    input: inputOf(kind, { PolicyName: policyName, PolicyDocument: documentOf(kind) }),
    permissions: (target) => ({
      read: [readStatement(kind, target)],
      apply: [{ actions: [put], resources: [target.arn] }],
      // Which of the two is needed depends on whether there was a document before.
      compensate: [{ actions: [put, remove], resources: [target.arn] }],
    }),
    predict: (input, before) => {
      const document = textAt(input, 'PolicyDocument');
      checkInline(kind, document);
      return { ...before, document };
    },
    apply: async (_target, input, _before, cloud) => {
      await cloud.call({ operation: put, input });
    },
    compensate: async (_target, input, before, cloud) => {
      if (before['document'] === undefined) {
        await callUnlessGone(cloud, { operation: remove, input: edgeOf(kind, input) });
      } else {
        await cloud.call(putRequest(kind, input, before));
      }
    },
    inverse: (_target, input, before) =>
      before['document'] === undefined
        ? { action: remove, input: edgeOf(kind, input) }
        : before['document'] === input['PolicyDocument']
          ? undefined
          : { action: put, input: putRequest(kind, input, before).input },
  });
}

/** The action that deletes an inline policy of a role or user. */
export function deleteInlineAction(kind: PrincipalKind): Action {
  const put = `iam:Put${kind.label}Policy`;
  const remove = `iam:Delete${kind.label}Policy`;
  return defineAction<JsonObject, State>({
    ...sharedParts(kind),
    id: remove,
    version: 1,
    title: `Delete an inline policy of a ${kind.noun}`,
    description: `Takes one inline policy away; undone by writing its document again.`,
    input: inputOf(kind, { PolicyName: policyName }),
    permissions: (target) => ({
      read: [readStatement(kind, target)],
      apply: [{ actions: [remove], resources: [target.arn] }],
      compensate: [{ actions: [put], resources: [target.arn] }],
    }),
    predict: (input, before) => {
      if (before['document'] === undefined) {
        const message = `there is no inline policy \`${textAt(input, 'PolicyName')}\``;
        throw new InvalidInputError('no-such-policy', message);
      }
      return { uniqueId: before.uniqueId };
    },
    apply: async (_target, input, _before, cloud) => {
      await cloud.call({ operation: remove, input });
    },
    compensate: async (_target, input, before, cloud) => {
      if (before['document'] !== undefined) await cloud.call(putRequest(kind, input, before));
    },
    inverse: (_target, input, before) =>
      before['document'] === undefined
        ? undefined
        : { action: put, input: putRequest(kind, input, before).input },
  });
}

type SharedParts = Pick<
  Action<JsonObject, State>,
  'locate' | 'resources' | 'footprint' | 'read' | 'restorable' | 'facts'
>;

function sharedParts(kind: PrincipalKind): SharedParts {
  const footprint = (target: Target, input: JsonObject): string =>
    inlineKey(target.arn, textAt(input, 'PolicyName'));
  return {
    locate: (input, context, cloud) =>
      locatePrincipal(kind, { input, policyArn: undefined, context }, cloud),
    resources: (target) => [target.arn],
    footprint,
    read: async (target, input, cloud) => {
      const { uniqueId } = target;
      const name = textAt(input, kind.nameField);
      await readSamePrincipal(kind, { name, uniqueId }, cloud);
      const document = await readDocument(kind, input, cloud);
      return document === undefined ? { uniqueId } : { uniqueId, document };
    },
    // IAM would not take a document back that it does not take today.
    restorable: (before) => before['document'] === undefined || isAccepted(kind, before),
    facts: (target, input, before, after, view) =>
      principalFacts(target, { key: footprint(target, input), before, after }, view),
  };
}

async function readDocument(
  kind: PrincipalKind,
  input: JsonObject,
  cloud: Cloud,
): Promise<string | undefined> {
  try {
    const operation = `iam:Get${kind.label}Policy`;
    const answer = await cloud.call({ operation, input: edgeOf(kind, input) });
    return decodePolicyText(textAt(answer as JsonObject, 'PolicyDocument'));
  } catch (error) {
    if (error instanceof CloudRefusedError && error.code === 'NoSuchEntity') return undefined;
    throw error;
  }
}

/** A document that is too large whatever the account holds is refused with the plan. */
function documentOf(kind: PrincipalKind): typeof policyDocument {
  const max = charsMaxOf(kind);
  return policyDocument.refine(
    (text) => policyChars(text) <= max,
    `policy document exceeds ${max} characters`,
  );
}

function charsMaxOf({ noun }: PrincipalKind): number {
  return noun === 'role' ? ROLE_INLINE_CHARS_MAX : USER_INLINE_CHARS_MAX;
}

function checkInline(kind: PrincipalKind, document: string): void {
  checkIdentityPolicy(document);
  const max = charsMaxOf(kind);
  if (policyChars(document) > max) {
    throw new InvalidInputError('policy-too-large', `policy document exceeds ${max} characters`);
  }
}

function isAccepted(kind: PrincipalKind, before: State): boolean {
  try {
    checkInline(kind, textAt(before, 'document'));
    return true;
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}

function edgeOf(kind: PrincipalKind, input: JsonObject): JsonObject {
  return {
    [kind.nameField]: textAt(input, kind.nameField),
    PolicyName: textAt(input, 'PolicyName'),
  };
}

function putRequest(kind: PrincipalKind, input: JsonObject, before: State): CloudRequest {
  return {
    operation: `iam:Put${kind.label}Policy`,
    input: { ...edgeOf(kind, input), PolicyDocument: textAt(before, 'document') },
  };
}

function readStatement(kind: PrincipalKind, target: Target) {
  return {
    actions: [`iam:Get${kind.label}`, `iam:Get${kind.label}Policy`],
    resources: [target.arn],
  };
}
