import fs from 'node:fs';
import { join } from 'node:path';
import { registry } from '../actions/registry.ts';
import { cedarDecisionPoint } from '../adapters/cedar/decision-point.ts';
import { checkPolicies, loadPolicies } from '../adapters/cedar/load.ts';
import { parsePolicies } from '../adapters/cedar/parse-policies.ts';
import { schemaText } from '../adapters/cedar/schema.ts';
import { type ControlPlane, openControlPlane } from '../adapters/embedded/control-plane.ts';
import { createKeyFile, keyFileSigner } from '../adapters/embedded/signer.ts';
import type { OpenSession } from '../adapters/embedded/vault.ts';
import { CloudRefusedError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Cloud } from '../core/ports/cloud.ts';
import type { DecisionPoint } from '../core/ports/decision-point.ts';
import { inertAction, inertCloud } from './inert-action.ts';

/** The simulated account of all worlds. */
export const ACCOUNT_ID = '111122223333';
/** Steps of each plan. */
export const STEPS = 5;
const LAST_MARK = `"mark":"${STEPS - 1}x`;

/** A control plane on real files and the plans to run on it. */
export interface BenchWorld {
  readonly controlPlane: ControlPlane;
  readonly actor: string;
  plan(index: number): JsonObject;
}

/** Whether the target refuses the call of the last step. */
export type Outcome = 'committed' | 'failing';

/** Plans of five inert steps. */
export function inertWorld(folder: string, outcome: Outcome): BenchWorld {
  const cloud = inertCloud();
  const decisionPoint = inertDecisionPoint();
  const actions = {
    byId: (id: string) => (id === inertAction.id ? inertAction : undefined),
    suggest: () => [],
  };
  const openSession = (): OpenSession => () => refusing(cloud, outcome);
  return {
    controlPlane: openWorld(folder, { decisionPoint, actions, openSession }),
    actor: 'agent:bench',
    plan: (index) =>
      planOf('bench', (step) => ({
        action: inertAction.id,
        input: { name: `role-${index}-${step}`, mark: `${step}`.padEnd(200, 'x') },
      })),
  };
}

/** Plans that detach five policies of one role in the simulated account. */
export function iamWorld(
  folder: string,
  { outcome, roles }: { outcome: Outcome; roles: number },
): BenchWorld {
  const decisionPoint = cedarDecisionPoint(loadPolicies('policies'));
  const controlPlane = openWorld(folder, {
    decisionPoint,
    actions: registry,
    openSession: (account, clock) => (session) =>
      refusing(account.session({ ...session, now: () => clock.now() }), outcome),
  });
  controlPlane.account.load(accountOf(roles));
  return {
    controlPlane,
    actor: 'agent:iam-auditor',
    plan: (index) =>
      planOf('iam-auditor', (step) => ({
        action: 'iam:DetachRolePolicy',
        input: { RoleName: `role-${index}`, PolicyArn: policyArn(step) },
      })),
  };
}

type Parts = Pick<
  Parameters<typeof openControlPlane>[0],
  'decisionPoint' | 'actions' | 'openSession'
>;

function openWorld(folder: string, parts: Parts): ControlPlane {
  const key = join(folder, 'key.pem');
  fs.mkdirSync(folder);
  createKeyFile(key);
  return openControlPlane({
    storePath: join(folder, 'interlock.db'),
    accountPath: join(folder, 'account.db'),
    signer: keyFileSigner(key),
    operator: 'bench',
    ...parts,
  });
}

function planOf(
  agent: string,
  step: (index: number) => { readonly action: string; readonly input: JsonObject },
): JsonObject {
  return {
    agent,
    target: { partition: 'aws', accountId: ACCOUNT_ID },
    purpose: 'measure',
    deadlineMs: 600_000,
    steps: Array.from({ length: STEPS }, (_, index) => ({ id: `step-${index}`, ...step(index) })),
  };
}

function refusing(cloud: Cloud, outcome: Outcome): Cloud {
  if (outcome === 'committed') return cloud;
  return {
    call(request) {
      const text = JSON.stringify(request.input);
      const isLast = text.includes(`-${STEPS - 1}"`);
      const isApply = request.operation === 'iam:DetachRolePolicy' || text.includes(LAST_MARK);
      if (isLast && isApply && request.operation !== 'bench:Read')
        return Promise.reject(new CloudRefusedError('LimitExceeded', 'refused to measure failure'));
      return cloud.call(request);
    },
  };
}

/** The policies that each role of the account has attached, by index. */
export function policyArn(index: number): string {
  return `arn:aws:iam::${ACCOUNT_ID}:policy/policy-${index}`;
}

/** A GAAD document of so many roles, each with five policies attached. */
export function accountOf(roles: number): JsonObject {
  const indices = Array.from({ length: STEPS }, (_, index) => index);
  const document = (index: number) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: [`s3:Get${index}`], Resource: ['*'] }],
  });
  return {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: Array.from({ length: roles }, (_, role) => ({
      Path: '/',
      RoleName: `role-${role}`,
      RoleId: `AROA${role}`,
      Arn: `arn:aws:iam::${ACCOUNT_ID}:role/role-${role}`,
      CreateDate: '2026-01-01T00:00:00Z',
      AssumeRolePolicyDocument: {},
      RolePolicyList: [],
      AttachedManagedPolicies: indices.map((index) => ({
        PolicyName: `policy-${index}`,
        PolicyArn: policyArn(index),
      })),
    })),
    Policies: indices.map((index) => ({
      PolicyName: `policy-${index}`,
      PolicyId: `ANPA${index}`,
      Arn: policyArn(index),
      Path: '/',
      DefaultVersionId: 'v1',
      AttachmentCount: roles,
      IsAttachable: true,
      PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: document(index) }],
    })),
  };
}

/** The shipped baseline, and permits for the inert action. */
function inertDecisionPoint(): DecisionPoint {
  const shipped = loadPolicies('policies');
  const permits = ['', 'verify:'].map(
    (phase, index) => `@id("bench-${index}")
      permit (principal == Agent::"bench", action == Action::"${phase}${inertAction.id}", resource);`,
  );
  const propose = `@id("bench-proposes")
    permit (principal == Agent::"bench", action == Action::"transaction:Propose", resource);`;
  return cedarDecisionPoint(
    checkPolicies({
      schema: schemaText([inertAction.id]),
      policies: [
        ...parsePolicies('baseline.cedar', fs.readFileSync('policies/baseline.cedar', 'utf8')),
        ...parsePolicies('bench.cedar', [...permits, propose].join('\n')),
      ],
      agents: ['bench'],
      protection: shipped.protection,
      blastRadius: shipped.blastRadius,
    }),
  );
}
