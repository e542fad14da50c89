import type { Action } from '../../core/action.ts';
import { attachAction, detachAction } from './attachment.ts';
import { deleteRolePermissionsBoundary, putRolePermissionsBoundary } from './boundary.ts';
import { deleteInlineAction, putInlineAction } from './inline-policy.ts';
import { ROLE, USER } from './principal-kind.ts';

/** What an agent may do to IAM. */
export const IAM_ACTIONS: readonly Action[] = [
  attachAction(ROLE),
  detachAction(ROLE),
  putInlineAction(ROLE),
  deleteInlineAction(ROLE),
  putRolePermissionsBoundary,
  deleteRolePermissionsBoundary,
  attachAction(USER),
  detachAction(USER),
  putInlineAction(USER),
  deleteInlineAction(USER),
];
