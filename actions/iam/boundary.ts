import { type Action, defineAction, type Target } from '../../core/action.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CloudRequest } from '../../core/ports/cloud.ts';
import { callUnlessGone } from './answers.ts';
import { boundaryKey, principalFacts } from './grants-view.ts';
import { locatePrincipal } from './locate.ts';
import {
  boundaryIn,
  inputOf,
  policyArn,
  ROLE,
  readSamePrincipal,
  textAt,
} from './principal-kind.ts';

const PUT = 'iam:PutRolePermissionsBoundary';
const REMOVE = 'iam:DeleteRolePermissionsBoundary';

/** A role's permissions boundary: `boundary` is its ARN, absent when there is none. */
type State = JsonObject & { readonly uniqueId: string };

/** The action that sets a role's permissions boundary. */
export const putRolePermissionsBoundary: Action = defineAction<JsonObject, State>({
  ...sharedParts((input) => textAt(input, 'PermissionsBoundary')),
  id: PUT,
  version: 1,
  title: 'Set the permissions boundary of a role',
  description: 'Cuts what a role may do to what a managed policy allows.',
  input: inputOf(ROLE, { PermissionsBoundary: policyArn }),
  permissions: (target, input) => ({
    read: [{ actions: ['iam:GetRole'], resources: [target.arn] }],
    apply: [
      {
        actions: [PUT],
        resources: [target.arn],
        condition: {
          StringEquals: { 'iam:PermissionsBoundary': textAt(input, 'PermissionsBoundary') },
        },
      },
    ],
    // Which of the two, and which boundary, an earlier step of the plan may decide.
    compensate: [{ actions: [PUT, REMOVE], resources: [target.arn] }],
  }),
  predict: (input, before) => ({ ...before, boundary: textAt(input, 'PermissionsBoundary') }),
  apply: async (_target, input, _before, cloud) => {
    await cloud.call({ operation: PUT, input });
  },
  compensate: async (_target, input, before, cloud) => {
    if (before['boundary'] === undefined) {
      await callUnlessGone(cloud, { operation: REMOVE, input: roleOf(input) });
    } else {
      await cloud.call(putRequest(input, before));
    }
  },
  inverse: (_target, input, before) =>
    before['boundary'] === undefined
      ? { action: REMOVE, input: roleOf(input) }
      : before['boundary'] === input['PermissionsBoundary']
        ? undefined
        : { action: PUT, input: putRequest(input, before).input },
});

/** The action that takes a role's permissions boundary away. */
export const deleteRolePermissionsBoundary: Action = defineAction<JsonObject, State>({
  ...sharedParts(() => undefined),
  id: REMOVE,
  version: 1,
  title: 'Delete the permissions boundary of a role',
  description: 'Lets a role do again all that its policies allow; undone by setting it again.',
  input: inputOf(ROLE, {}),
  permissions: (target) => ({
    read: [{ actions: ['iam:GetRole'], resources: [target.arn] }],
    apply: [{ actions: [REMOVE], resources: [target.arn] }],
    // Which boundary was there before, an earlier step of the plan may decide.
    compensate: [{ actions: [PUT], resources: [target.arn] }],
  }),
  predict: (input, before) => {
    if (before['boundary'] === undefined) {
      const message = `\`${textAt(input, 'RoleName')}\` has no permissions boundary`;
      throw new InvalidInputError('no-boundary', message);
    }
    return { uniqueId: before.uniqueId };
  },
  apply: async (_target, input, _before, cloud) => {
    await cloud.call({ operation: REMOVE, input });
  },
  compensate: async (_target, input, before, cloud) => {
    if (before['boundary'] !== undefined) await cloud.call(putRequest(input, before));
  },
  inverse: (_target, input, before) =>
    before['boundary'] === undefined
      ? undefined
      : { action: PUT, input: putRequest(input, before).input },
});

type SharedParts = Pick<
  Action<JsonObject, State>,
  'locate' | 'resources' | 'footprint' | 'read' | 'restorable' | 'facts'
>;

function sharedParts(boundaryOf: (input: JsonObject) => string | undefined): SharedParts {
  const footprint = (target: Target): string => boundaryKey(target.arn);
  return {
    locate: (input, context, cloud) =>
      locatePrincipal(ROLE, { input, policyArn: boundaryOf(input), context }, cloud),
    resources: (target) => [target.arn],
    footprint,
    read: async (target, input, cloud) => {
      const { uniqueId } = target;
      const known = { name: textAt(input, 'RoleName'), uniqueId };
      const boundary = boundaryIn(await readSamePrincipal(ROLE, known, cloud));
      return boundary === undefined ? { uniqueId } : { uniqueId, boundary };
    },
    restorable: () => true,
    facts: (target, _input, before, after, view) =>
      principalFacts(target, { key: footprint(target), before, after }, view),
  };
}

function roleOf(input: JsonObject): JsonObject {
  return { RoleName: textAt(input, 'RoleName') };
}

function putRequest(input: JsonObject, before: State): CloudRequest {
  return {
    operation: PUT,
    input: { ...roleOf(input), PermissionsBoundary: textAt(before, 'boundary') },
  };
}
