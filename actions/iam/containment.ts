import { InvalidInputError } from '../../core/errors.ts';
import { parsePolicyDocument } from '../../iam/document.ts';

/** The documents that decide what a principal may do. */
export interface PrincipalGrants {
  readonly identity: readonly { readonly source: string; readonly documentText: string }[];
  readonly boundary?: string;
}

/**
 * Shows without reasoning about actions that `after` grants nothing that `before` did not: no
 * document is new, no lost one denied anything, and the boundary stays or is a first one.
 */
export function grantsNothingNew(
  before: PrincipalGrants,
  after: PrincipalGrants,
): { readonly proved: boolean } {
  const texts = new Set(before.identity.map((one) => one.documentText));
  const isBoundaryKept = before.boundary === undefined || before.boundary === after.boundary;
  const isKnown = after.identity.every((one) => texts.has(one.documentText));
  return { proved: isBoundaryKept && isKnown && !losesDeny(before, after) };
}

/** True when a document is gone that denied something, or that cannot be read. */
export function losesDeny(before: PrincipalGrants, after: PrincipalGrants): boolean {
  const kept = new Set(after.identity.map((one) => one.documentText));
  return before.identity.some((one) => !kept.has(one.documentText) && mayDeny(one.documentText));
}

function mayDeny(documentText: string): boolean {
  try {
    return parsePolicyDocument(documentText).statements.some((one) => one.effect === 'Deny');
  } catch (error) {
    if (error instanceof InvalidInputError) return true;
    throw error;
  }
}
