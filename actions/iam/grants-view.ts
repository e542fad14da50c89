import type { Facts, Target, View } from '../../core/action.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { grantsNothingNew } from '../../iam/contain.ts';
import type { PrincipalGrants } from '../../iam/principal.ts';
import type { PrincipalAttributes } from './locate.ts';

/** The edges of a principal, by what a footprint key ends with. */
export function attachedKey(arn: string, policyArn: string): string {
  return `iam/${arn}/attached/${policyArn}`;
}

export function inlineKey(arn: string, policyName: string): string {
  return `iam/${arn}/inline/${policyName}`;
}

export function boundaryKey(arn: string): string {
  return `iam/${arn}/boundary`;
}

/** One change of one edge. */
export interface EdgeChange {
  readonly key: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** Facts of a step that changes one edge of one principal; what cannot be proved widens. */
export function principalFacts(target: Target, change: EdgeChange, view: View): Facts {
  const before = grantsWith(target, view, [change.key, change.before]);
  const after = grantsWith(target, view, [change.key, change.after]);
  const isGrant = (state: JsonObject): boolean =>
    state['attached'] === true || state['document'] !== undefined;
  return {
    widens: !isContained(before, after),
    affectedPrincipals: target.affected.length,
    removedCount: isGrant(change.before) && !isGrant(change.after) ? 1 : 0,
  };
}

/** A principal's grants, and the roles of policies among them whose documents are not known. */
interface KnownGrants {
  readonly grants: PrincipalGrants;
  readonly unknown: readonly string[];
}

function isContained(before: KnownGrants, after: KnownGrants): boolean {
  // A policy that an earlier step of the plan attached has its document in that step's target. On
  // both sides it may be left out of the proof: what it grants is then cut by as much as before.
  const isSame =
    before.unknown.every((one) => after.unknown.includes(one)) &&
    after.unknown.every((one) => before.unknown.includes(one));
  return isSame && grantsNothingNew(before.grants, after.grants).proved;
}

function grantsWith(
  target: Target,
  view: View,
  [key, state]: readonly [string, JsonObject],
): KnownGrants {
  const attributes = target.attributes as unknown as PrincipalAttributes;
  const states = new Map<string, Json>([...view.states, [key, state]]);
  const edges = edgesOf(target.arn, attributes, states);
  const groups = Object.values(attributes.groups);
  const arns = [...edges.attached, ...groups.flatMap((group) => group.attached)];
  const inline = [
    ...edges.inline,
    ...Object.entries(attributes.groups).flatMap(([group, grants]) =>
      Object.entries(grants.inline).map(([name, text]) => [`${group}/${name}`, text] as const),
    ),
  ];
  const documentOf = (arn: string): string | undefined =>
    Object.hasOwn(attributes.documents, arn) ? attributes.documents[arn] : undefined;
  const known = arns.flatMap((source) => {
    const documentText = documentOf(source);
    return documentText === undefined ? [] : [{ source, documentText }];
  });
  const identity = [
    ...known,
    ...inline.map(([source, documentText]) => ({ source, documentText })),
  ];
  const unknown = arns.filter((arn) => documentOf(arn) === undefined);
  if (edges.boundary === undefined) return { grants: { identity }, unknown };
  const boundary = documentOf(edges.boundary);
  return boundary === undefined
    ? { grants: { identity }, unknown: [...unknown, `boundary ${edges.boundary}`] }
    : { grants: { identity, boundary }, unknown };
}

interface Edges {
  readonly attached: readonly string[];
  readonly inline: readonly (readonly [string, string])[];
  readonly boundary: string | undefined;
}

function edgesOf(
  arn: string,
  attributes: PrincipalAttributes,
  states: ReadonlyMap<string, Json>,
): Edges {
  const attached = new Set(attributes.attached);
  const inline = new Map(Object.entries(attributes.inline));
  let boundary = attributes.boundary;
  for (const [key, value] of states) {
    const state = value as JsonObject;
    const attachedPrefix = attachedKey(arn, '');
    const inlinePrefix = inlineKey(arn, '');
    if (key.startsWith(attachedPrefix)) {
      const policy = key.slice(attachedPrefix.length);
      if (state['attached'] === true) attached.add(policy);
      else attached.delete(policy);
    } else if (key.startsWith(inlinePrefix)) {
      const name = key.slice(inlinePrefix.length);
      const document = state['document'] as string | undefined;
      if (document === undefined) inline.delete(name);
      else inline.set(name, document);
    } else if (key === boundaryKey(arn)) {
      boundary = state['boundary'] as string | undefined;
    }
  }
  return { attached: [...attached], inline: [...inline], boundary };
}
