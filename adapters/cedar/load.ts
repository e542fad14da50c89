import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkParseSchema, schemaToJson, validate } from '@cedar-policy/cedar-wasm/nodejs';
import { InterlockError, PolicyInvalidError } from '../../core/errors.ts';
import { canonicalText, sha256Hex } from '../../core/hash.ts';
import type { BlastRadius, PolicyData, ProtectionData } from '../../core/ports/decision-point.ts';
import { errorText, type Policy, parsePolicies } from './parse-policies.ts';
import { Agents, Protection, parseData, Radius } from './read-data.ts';

/** Policies of a folder, at most. */
export const POLICIES_MAX = 1000;
/** Characters of one file of a policies folder, at most. */
export const POLICY_FILE_CHARACTERS_MAX = 1024 * 1024;

/** A valid policy set with its schema and data: what a decision point is made of. */
export interface LoadedPolicies extends PolicyData {
  /** Sorted by id. */
  readonly policies: readonly Policy[];
  readonly schema: string;
  /** Ids of the actions that the schema knows. */
  readonly actions: ReadonlySet<string>;
  /** Ids of the agents that exist. */
  readonly agents: readonly string[];
  readonly agentRoles: readonly AgentRole[];
  readonly policySetDigest: string;
  /** RFC 8785 text of what the digest covers. */
  readonly policySet: string;
}

/** A role of AWS whose sessions are an agent; it may name `{account}` and `{stage}`. */
export interface AgentRole {
  readonly agent: string;
  readonly role: string;
}

/** What is read from a policies folder before any of it is understood. */
export interface PolicyTexts {
  readonly schema: string;
  readonly policies: readonly Policy[];
  readonly agents: readonly string[];
  readonly agentRoles?: readonly AgentRole[];
  readonly protection: ProtectionData;
  readonly blastRadius: BlastRadius;
}

/**
 * Loads a policies folder. Throws `PolicyInvalidError`: `no-policies` when there is no enforced
 * policy (or no folder), otherwise a code that names the trouble.
 */
export function loadPolicies(directory: string): LoadedPolicies {
  const policies = readPolicies(directory);
  requireEnforced(policies);
  const read = (file: string) => readText(directory, file);
  const { agents } = parseData(Agents, 'agents.json', read('agents.json'));
  return checkPolicies({
    policies,
    schema: read('schema.cedarschema'),
    agents: agents.map(({ id }) => id),
    agentRoles: agents.flatMap(({ id, roles = [] }) => roles.map((role) => ({ agent: id, role }))),
    protection: parseData(Protection, 'protection.json', read('protection.json')),
    blastRadius: parseData(Radius, 'blast-radius.json', read('blast-radius.json')),
  });
}

/** Checks a set against its schema, strictly, warnings included, and digests it. Throws
 * `PolicyInvalidError`. */
export function checkPolicies(texts: PolicyTexts): LoadedPolicies {
  const policies = sortById(texts.policies);
  requireEnforced(policies);
  if (policies.length > POLICIES_MAX)
    throw new PolicyInvalidError('too-many-policies', `more than ${POLICIES_MAX} policies`);
  refuseDuplicateIds(policies);
  const actions = schemaActions(texts.schema);
  validatePolicies(policies, texts.schema);
  const { schema, protection, blastRadius, agentRoles = [] } = texts;
  const agents = [...texts.agents].sort();
  const set = policies.map(({ id, text }) => ({ id, text }));
  const policySet = canonicalText({ schema, policies: set, agents, protection, blastRadius });
  const data = { agents, agentRoles, protection, blastRadius };
  return { policies, schema, actions, ...data, policySet, policySetDigest: sha256Hex(policySet) };
}

function readPolicies(directory: string): readonly Policy[] {
  return listFiles(directory)
    .filter((file) => file.endsWith('.cedar'))
    .flatMap((file) => parsePolicies(file, readText(directory, file)));
}

function listFiles(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw new PolicyInvalidError('policies-unreadable', 'the policies folder cannot be read', {
      cause,
    });
  }
}

function readText(directory: string, file: string): string {
  try {
    const text = readFileSync(join(directory, file), 'utf8');
    if (text.length <= POLICY_FILE_CHARACTERS_MAX) return text;
  } catch (cause) {
    const why = isMissing(cause) ? 'is missing' : 'cannot be read';
    throw new PolicyInvalidError('policies-unreadable', `\`${file}\` ${why}`, { cause });
  }
  throw new PolicyInvalidError('policies-unreadable', `\`${file}\` is too large`);
}

function requireEnforced(policies: readonly Policy[]): void {
  if (!policies.some((policy) => policy.mode === 'enforced'))
    throw new PolicyInvalidError('no-policies', 'there is no enforced policy');
}

function isMissing(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT';
}

// By code unit, so that the order is the same on every machine.
function sortById(policies: readonly Policy[]): readonly Policy[] {
  return [...policies].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function refuseDuplicateIds(sorted: readonly Policy[]): void {
  sorted.forEach((policy, index) => {
    const before = sorted[index - 1];
    if (before?.id === policy.id)
      throw new PolicyInvalidError(
        'duplicate-policy-id',
        `policy id \`${policy.id}\` stands in \`${before.file}\` and in \`${policy.file}\``,
      );
  });
}

function schemaActions(schema: string): ReadonlySet<string> {
  const parsed = checkParseSchema(schema);
  const json = schemaToJson(schema);
  if (parsed.type === 'failure' || json.type === 'failure') {
    const errors = parsed.type === 'failure' ? parsed.errors : [];
    throw new PolicyInvalidError('schema-invalid', `schema does not parse: ${errorText(errors)}`);
  }
  const actions = Object.entries(json.json['']?.actions ?? {});
  // A group such as `phase:apply` applies to nothing and cannot be asked for.
  const isAsked = ([, type]: (typeof actions)[number]) =>
    (type.appliesTo?.principalTypes.length ?? 0) > 0;
  return new Set(actions.filter(isAsked).map(([id]) => id));
}

function validatePolicies(policies: readonly Policy[], schema: string): void {
  const answer = validate({
    validationSettings: { mode: 'strict' },
    schema,
    policies: { staticPolicies: staticPolicies(policies) },
  });
  if (answer.type === 'failure') throw notValid(errorText(answer.errors));
  // A policy that can never match is a typing error; Cedar only warns of it.
  const [first] = [...answer.validationErrors, ...answer.validationWarnings];
  if (first !== undefined) {
    const file = policies.find(({ id }) => id === first.policyId)?.file;
    throw notValid(`\`${file}\`: ${first.error.message}`);
  }
  if (answer.otherWarnings.length > 0) throw notValid(errorText(answer.otherWarnings));
}

function notValid(message: string): PolicyInvalidError {
  return new PolicyInvalidError('policy-not-valid', message);
}

/** The policies as Cedar takes them: `{ id: text }`, since a blob of text would lose the ids. */
export function staticPolicies(policies: readonly Policy[]): Record<string, string> {
  return Object.fromEntries(policies.map(({ id, text }) => [id, text]));
}

/** The stable code of whatever stopped a load. */
export function loadErrorCode(error: unknown): string {
  return error instanceof InterlockError ? error.code : 'policies-unreadable';
}
