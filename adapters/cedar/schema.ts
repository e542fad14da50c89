import { PHASE_PREFIX, type StepPhase } from '../../core/authorization.ts';

/**
 * The Cedar schema for a closed list of action ids, in any order. `policies/schema.cedarschema` is
 * this text for the registry's actions; a test holds the two together.
 */
export function schemaText(actionIds: readonly string[]): string {
  const sorted = [...new Set(actionIds)].sort();
  const phases = PHASES.map((phase) => phaseText(phase, sorted));
  return `${[HEAD, ...phases, TAIL].join('\n')}`;
}

const PHASES: readonly StepPhase[] = ['apply', 'verify', 'compensate', 'undo', 'verify-undo'];

function phaseText(phase: StepPhase, actionIds: readonly string[]): string {
  const principal = phase === 'compensate' ? 'ControlPlane' : 'Agent';
  const actions = actionIds.map(
    (id) => `action "${PHASE_PREFIX[phase]}${id}" in [Action::"phase:${phase}"] appliesTo {
  principal: [${principal}],
  resource: [${resourceType(id)}],
  context: StepContext
};
`,
  );
  return [`action "phase:${phase}";\n`, ...actions].join('\n');
}

// `iam:AttachRolePolicy` acts on a role, `iam:CreatePolicyVersion` on a policy.
function resourceType(actionId: string): string {
  const operation = actionId.slice(actionId.indexOf(':') + 1);
  const found = ['Role', 'User', 'Group', 'Policy'].find((noun) => operation.includes(noun));
  return found === undefined ? 'Account' : `Iam${found}`;
}

const HEAD = `// Generated from the registry of actions by adapters/cedar/schema.ts; do not edit.

// Who asks.
entity Agent;
entity Operator;
entity ControlPlane;

// What is acted on. The parent of every IAM entity is its account.
entity Account;
entity IamRole, IamUser, IamGroup, IamPolicy in [Account] {
  arn: String,
  path: String
} tags String;
entity Transaction in [Account] {
  agent: Agent
};
entity KillSwitch;

type BlastRadius = {
  affectedPrincipalsMax: Long,
  stepsMax: Long,
  resourcesMax: Long
};

type StepContext = {
  widens: Bool,
  affectedPrincipals: Long,
  protectedAffected: Long,
  removedCount: Long,
  approvals: Long,
  planSteps: Long,
  planResources: Long,
  blastRadius: BlastRadius
};

action "transaction:Propose" appliesTo {
  principal: [Agent],
  resource: [Account],
  context: { planSteps: Long, blastRadius: BlastRadius }
};
`;

const TAIL = `action "transaction:Cancel" appliesTo {
  principal: [Agent, Operator],
  resource: [Transaction],
  context: {}
};

action "transaction:Approve", "transaction:Refuse", "transaction:Resolve" appliesTo {
  principal: [Operator],
  resource: [Transaction],
  context: {}
};

action "kill-switch:Engage", "kill-switch:Release" appliesTo {
  principal: [Operator],
  resource: [KillSwitch],
  context: {}
};
`;
