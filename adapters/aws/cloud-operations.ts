import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetAccountAuthorizationDetailsCommand,
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsForUserCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import type { JsonObject } from '../../core/json.ts';

/** Makes one call with a client. */
export type Send = (client: IAMClient, input: JsonObject) => Promise<object>;

type Command = Parameters<IAMClient['send']>[0];

// The inputs of a registered action are IAM's own, and parsed; IAM itself checks the rest.
const sender =
  (Operation: new (input: never) => unknown): Send =>
  (client, input) =>
    client.send(new Operation(input as never) as Command);

/** The calls that change nothing. */
export const READS: Readonly<Record<string, Send>> = {
  'iam:GetAccountAuthorizationDetails': sender(GetAccountAuthorizationDetailsCommand),
  'iam:GetGroupPolicy': sender(GetGroupPolicyCommand),
  'iam:GetPolicy': sender(GetPolicyCommand),
  'iam:GetPolicyVersion': sender(GetPolicyVersionCommand),
  'iam:GetRole': sender(GetRoleCommand),
  'iam:GetRolePolicy': sender(GetRolePolicyCommand),
  'iam:GetUser': sender(GetUserCommand),
  'iam:GetUserPolicy': sender(GetUserPolicyCommand),
  'iam:ListAttachedGroupPolicies': sender(ListAttachedGroupPoliciesCommand),
  'iam:ListAttachedRolePolicies': sender(ListAttachedRolePoliciesCommand),
  'iam:ListAttachedUserPolicies': sender(ListAttachedUserPoliciesCommand),
  'iam:ListGroupPolicies': sender(ListGroupPoliciesCommand),
  'iam:ListGroupsForUser': sender(ListGroupsForUserCommand),
  'iam:ListRolePolicies': sender(ListRolePoliciesCommand),
  'iam:ListUserPolicies': sender(ListUserPoliciesCommand),
};

/** The calls that change something: those of the registered actions, and no other. */
export const CHANGES: Readonly<Record<string, Send>> = {
  'iam:AttachRolePolicy': sender(AttachRolePolicyCommand),
  'iam:AttachUserPolicy': sender(AttachUserPolicyCommand),
  'iam:DeleteRolePermissionsBoundary': sender(DeleteRolePermissionsBoundaryCommand),
  'iam:DeleteRolePolicy': sender(DeleteRolePolicyCommand),
  'iam:DeleteUserPolicy': sender(DeleteUserPolicyCommand),
  'iam:DetachRolePolicy': sender(DetachRolePolicyCommand),
  'iam:DetachUserPolicy': sender(DetachUserPolicyCommand),
  'iam:PutRolePermissionsBoundary': sender(PutRolePermissionsBoundaryCommand),
  'iam:PutRolePolicy': sender(PutRolePolicyCommand),
  'iam:PutUserPolicy': sender(PutUserPolicyCommand),
};
