import { grantsOf, rolesThatMay, textOf, withoutBraces } from './grants.ts';
import { type Resource, resourcesOf, type Template } from './synthesis.ts';

/** What is wrong with a template, one sentence each; empty when the guard holds. */
export type Guard = (template: Template) => readonly string[];

/** Every way to change or lose an item. */
export const CHANGES = [
  'dynamodb:BatchWriteItem',
  'dynamodb:DeleteItem',
  'dynamodb:DeleteTable',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:UpdateItem',
  'dynamodb:UpdateTable',
  'dynamodb:UpdateTimeToLive',
];
/** Who asks the vault for sessions. */
const VAULT_USERS = ['authorize', 'compensate', 'dry-run', 'execute', 'preflight', 'verify'];
/** Who looks at the kill switch. */
const PARAMETER_READERS = [
  ...['api-agent', 'api-operator', 'dry-run'],
  ...['authorize', 'compensate', 'follow-kill-switch', 'preflight', 'reconcile'],
];

/** The logical id of the resource of a type whose id begins so. */
export function idOf(template: Template, type: string, prefix: string): string {
  const found = resourcesOf(template, type).filter(([id]) => id.startsWith(prefix));
  if (found.length !== 1) throw new Error(`${found.length} resources are ${prefix} of ${type}`);
  return found[0]?.[0] as string;
}

/** The logical id of the role of a function, by the name of its file. */
export function roleOf(template: Template, entry: string): string {
  return withoutBraces(textOf(functionOf(template, entry)[1].Properties['Role']));
}

export const roles = (template: Template, entries: readonly string[]): readonly string[] =>
  entries.map((entry) => roleOf(template, entry)).sort();

export function functionOf(template: Template, entry: string): readonly [string, Resource] {
  const found = resourcesOf(template, 'AWS::Lambda::Function').find(
    ([, { Properties: own }]) => own['Description'] === `Interlock: ${entry}`,
  );
  if (found === undefined) throw new Error(`there is no function ${entry}`);
  return found;
}

export const table = (template: Template, name: string) =>
  idOf(template, 'AWS::DynamoDB::Table', `Tables${name}`);

/** Exactly these roles may do an action on what has a part in its name. */
export function expectRoles(
  template: Template,
  [action, part]: readonly [string, string],
  wanted: readonly string[],
): readonly string[] {
  const found = rolesThatMay(template, action, part);
  if (JSON.stringify(found) === JSON.stringify(wanted)) return [];
  return [`${action} on ${part}: ${found.join(', ') || 'nobody'}`];
}

export const onlySealSigns: Guard = (template) => {
  const key = idOf(template, 'AWS::KMS::Key', 'Key');
  const seal = roleOf(template, 'seal');
  const { Statement: own } = template.Resources[key]?.Properties['KeyPolicy'] ?? {};
  const denial = (own as Record<string, unknown>[]).find(
    (one) => one['Effect'] === 'Deny' && one['Action'] === 'kms:Sign',
  );
  const condition = JSON.stringify(denial?.['Condition']);
  const wanted = { ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [seal, 'Arn'] } } };
  return [
    ...expectRoles(template, ['kms:Sign', key], [seal]),
    ...(condition === JSON.stringify(wanted) ? [] : ['the key lets others than seal sign']),
  ];
};

export const onlyAuthorizeDecides: Guard = (template) =>
  expectRoles(
    template,
    ['dynamodb:PutItem', table(template, 'Decisions')],
    roles(template, ['authorize']),
  );

export const onlyTheVaultAssumes: Guard = (template) => [
  ...expectRoles(template, ['sts:AssumeRole', '-action'], roles(template, ['vend-credentials'])),
  ...expectRoles(template, ['sts:AssumeRole', '-audit'], roles(template, ['enumerate'])),
];

export const nobodyChangesEvidence: Guard = (template) =>
  ['Evidence', 'Decisions', 'Log'].flatMap((name) => {
    const id = table(template, name);
    const denied = (role: string, action: string) =>
      grantsOf(template).some(
        (one) =>
          one.role === role &&
          one.effect === 'Deny' &&
          one.actions.includes(action) &&
          one.resources.some((resource) => resource === `{${id}}`),
      );
    const writers = rolesThatMay(template, 'dynamodb:PutItem', id);
    return CHANGES.flatMap((action) => [
      ...expectRoles(template, [action, id], []),
      ...writers
        .filter((role) => !denied(role, action))
        .map((role) => `${role} has no deny of ${action} on ${name}`),
    ]);
  });

export const noDeployMovesTheKillSwitch: Guard = (template) => {
  const movers = Object.entries(template.Resources).filter(
    ([, { Type: type }]) => type === 'AWS::SSM::Parameter' || /^Custom::|CustomResource/.test(type),
  );
  const readers = roles(template, PARAMETER_READERS);
  const operators = roles(template, ['api-operator']);
  return [
    ...movers.map(([id]) => `${id} could set the kill switch at each deployment`),
    ...expectRoles(template, ['ssm:PutParameter', 'kill-switch'], operators),
    ...expectRoles(template, ['ssm:DeleteParameter', 'kill-switch'], []),
    ...expectRoles(template, ['ssm:GetParameter', 'kill-switch'], readers),
  ];
};

/** Which service may invoke a function besides the roles, for one source. */
const DOORS: Readonly<Record<string, string>> = {
  'api-agent': 'apigateway.amazonaws.com',
  'api-operator': 'apigateway.amazonaws.com',
  'follow-kill-switch': 'events.amazonaws.com',
  reconcile: 'events.amazonaws.com',
  seal: 'events.amazonaws.com',
  sequence: 'events.amazonaws.com',
};

function isIntended(template: Template, [, door]: readonly [string, Resource]): boolean {
  const own = door.Properties;
  if (door.Type === 'AWS::Lambda::EventSourceMapping') return isFollowing(template, own);
  const target = withoutBraces(textOf(own['FunctionName'] ?? ''));
  const entry = Object.keys(DOORS).find((name) => functionOf(template, name)[0] === target);
  return (
    entry !== undefined &&
    door.Type === 'AWS::Lambda::Permission' &&
    own['Principal'] === DOORS[entry] &&
    own['SourceArn'] !== undefined
  );
}

/** The streams of what is only ever put go to the archive, that of pending seals to the log. */
function isFollowing(template: Template, own: Resource['Properties']): boolean {
  const target = withoutBraces(textOf(own['FunctionName']));
  const stream = textOf(own['EventSourceArn'] ?? '');
  const isOf = (...names: readonly string[]) =>
    names.some((name) => stream === `{${table(template, name)}}`);
  if (target === functionOf(template, 'sequence')[0]) return isOf('Pending');
  return target === functionOf(template, 'archive')[0] && isOf('Evidence', 'Decisions', 'Log');
}

export const onlyTheMachineInvokesTasks: Guard = (template) => {
  const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine').map(
    ([, { Properties: own }]) => ({
      role: withoutBraces(textOf(own['RoleArn'])),
      tasks: Object.values(own['DefinitionSubstitutions']).map(textOf).map(withoutBraces),
    }),
  );
  const tasks = machines.flatMap((one) => one.tasks);
  const others = resourcesOf(template, 'AWS::Lambda::Function')
    .map(([id]) => id)
    .filter((id) => !tasks.includes(id));
  const users: Readonly<Record<string, readonly string[]>> = {
    [functionOf(template, 'vend-credentials')[0]]: roles(template, VAULT_USERS),
    [functionOf(template, 'dry-run')[0]]: roles(template, ['api-agent']),
  };
  const doors = ['Permission', 'Url', 'EventSourceMapping', 'EventInvokeConfig'].flatMap((type) =>
    resourcesOf(template, `AWS::Lambda::${type}`).filter((one) => !isIntended(template, one)),
  );
  return [
    ...machines.flatMap((one) =>
      one.tasks.flatMap((id) => expectRoles(template, ['lambda:InvokeFunction', id], [one.role])),
    ),
    ...others.flatMap((id) =>
      expectRoles(template, ['lambda:InvokeFunction', id], users[id] ?? []),
    ),
    ...doors.map(([id]) => `${id} is another way into a function`),
  ];
};

export const onlyTheseStart: Guard = (template) => {
  const machine = (prefix: string) => idOf(template, 'AWS::StepFunctions::StateMachine', prefix);
  const starters = roles(template, ['api-agent', 'api-operator', 'reconcile']);
  const start = 'states:StartExecution';
  const schedulers = resourcesOf(template, 'AWS::IAM::Role')
    .filter(([, { Properties: own }]) =>
      JSON.stringify(own['AssumeRolePolicyDocument']).includes('scheduler.amazonaws.com'),
    )
    .map(([id]) => id)
    .sort();
  return [
    ...expectRoles(template, [start, machine('Transaction')], starters),
    ...expectRoles(template, [start, machine('AuditorIamAuditor')], schedulers),
    ...(schedulers.length > 0 ? [] : ['nothing starts the auditor']),
  ];
};

/** API Gateway asks for a signature or a token before anything of ours runs. */
export const everyRequestIsAuthorized: Guard = (template) =>
  resourcesOf(template, 'AWS::ApiGateway::Method').flatMap(([id, { Properties: own }]) => {
    const api = textOf(own['RestApiId']);
    const wanted = api.includes('OperatorApi') ? 'COGNITO_USER_POOLS' : 'AWS_IAM';
    const isBound = wanted === 'AWS_IAM' || own['AuthorizerId'] !== undefined;
    return own['AuthorizationType'] === wanted && isBound ? [] : [`${id} is open`];
  });

export const tablesOutliveMistakes: Guard = (template) =>
  resourcesOf(template, 'AWS::DynamoDB::Table').flatMap(
    ([id, { Properties: own, DeletionPolicy: policy }]) => [
      ...(own['BillingMode'] === 'PAY_PER_REQUEST' ? [] : [`${id} is not on demand`]),
      ...(own['PointInTimeRecoverySpecification']?.PointInTimeRecoveryEnabled === true
        ? []
        : [`${id} cannot be recovered`]),
      ...(own['DeletionProtectionEnabled'] === true && policy === 'Retain'
        ? []
        : [`${id} can be deleted`]),
      ...(/Transactions|Pending/.test(id) ||
      own['StreamSpecification']?.StreamViewType === 'NEW_AND_OLD_IMAGES'
        ? []
        : [`${id} has no stream of its images`]),
    ],
  );
