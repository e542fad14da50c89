import { type Change, describeGuards, type Guarded } from './describe-guards.ts';
import {
  everyRequestIsAuthorized,
  functionOf,
  idOf,
  nobodyChangesEvidence,
  noDeployMovesTheKillSwitch,
  onlyAuthorizeDecides,
  onlySealSigns,
  onlyTheMachineInvokesTasks,
  onlyTheseStart,
  onlyTheVaultAssumes,
  roleOf,
  tablesOutliveMistakes,
} from './guards.ts';
import { resourcesOf, synthesize, type Template } from './synthesis.ts';

const { controlPlane } = synthesize();

/** Gives the role of a function one more statement. */
const grant =
  (entry: string, statement: Readonly<Record<string, unknown>>): Change =>
  (template) => {
    template.Resources['Mistake'] = {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: [{ Ref: roleOf(template, entry) }],
        PolicyDocument: { Statement: [{ Effect: 'Allow', Resource: '*', ...statement }] },
      },
    };
  };
const add =
  (Type: string, Properties: Readonly<Record<string, unknown>> = {}): Change =>
  (template) => {
    template.Resources['Mistake'] = { Type, Properties };
  };
/** Takes every Deny out of the policies of one role. */
const withoutDenials =
  (entry: string): Change =>
  (template) => {
    const role = roleOf(template, entry);
    for (const [, { Properties: own }] of resourcesOf(template, 'AWS::IAM::Policy')) {
      if (own['Roles'][0].Ref !== role) continue;
      const { Statement: statements } = own['PolicyDocument'];
      own['PolicyDocument'].Statement = statements.filter(
        (one: { Effect: string }) => one.Effect === 'Allow',
      );
    }
  };
const ofTable =
  (name: string, change: (properties: Record<string, unknown>) => void): Change =>
  (template) => {
    const id = idOf(template, 'AWS::DynamoDB::Table', `Tables${name}`);
    change(template.Resources[id]?.Properties ?? {});
  };

const GUARDS: readonly Guarded[] = [
  [
    'only seal signs',
    onlySealSigns,
    [
      ['execute may sign', grant('execute', { Action: 'kms:Sign' })],
      ['a wildcard covers signing', grant('api-agent', { Action: 'kms:*' })],
      [
        'the key has no policy of its own',
        (template) => {
          const key = template.Resources[idOf(template, 'AWS::KMS::Key', 'Key')];
          key?.Properties['KeyPolicy'].Statement.pop();
        },
      ],
    ],
  ],
  [
    'only authorize puts decisions',
    onlyAuthorizeDecides,
    [
      ['execute may put them', grant('execute', { Action: 'dynamodb:PutItem' })],
      ['authorize may not', withoutDecisionsOfAuthorize],
    ],
  ],
  [
    'only the vault assumes roles',
    onlyTheVaultAssumes,
    [
      ['compensate may too', grant('compensate', { Action: 'sts:AssumeRole' })],
      ['the auditor may act', grant('enumerate', { Action: 'sts:*' })],
    ],
  ],
  [
    'nobody changes evidence or decisions',
    nobodyChangesEvidence,
    [
      ['a writer loses its denials', withoutDenials('verify')],
      [
        'one that does not write may delete',
        grant('vend-credentials', { Action: 'dynamodb:Delete*' }),
      ],
    ],
  ],
  [
    'no deployment moves the kill switch',
    noDeployMovesTheKillSwitch,
    [
      ['the template has the parameter', add('AWS::SSM::Parameter')],
      ['a custom resource could set it', add('Custom::AWS')],
      ['a task may set it', grant('authorize', { Action: 'ssm:PutParameter' })],
      ['what proposes may set it', grant('api-agent', { Action: 'ssm:Put*' })],
      ['one that need not reads it', grant('execute', { Action: 'ssm:Get*' })],
    ],
  ],
  [
    'only the state machine invokes tasks, and only tasks the vault',
    onlyTheMachineInvokesTasks,
    [
      ['what proposes may invoke execute', grant('api-agent', { Action: 'lambda:InvokeFunction' })],
      [
        'the machine may invoke the vault',
        (template) => {
          const policy = idOf(template, 'AWS::IAM::Policy', 'TransactionRole');
          const vault = functionOf(template, 'vend-credentials')[0];
          template.Resources[policy]?.Properties['PolicyDocument'].Statement.push({
            ...{ Effect: 'Allow', Action: 'lambda:InvokeFunction' },
            Resource: { 'Fn::GetAtt': [vault, 'Arn'] },
          });
        },
      ],
      [
        'a rule may invoke execute',
        (template) => {
          const doors = resourcesOf(template, 'AWS::Lambda::Permission');
          const follow = functionOf(template, 'follow-kill-switch')[0];
          const door = doors.find(([, one]) => JSON.stringify(one).includes(follow));
          const execute = { 'Fn::GetAtt': [functionOf(template, 'execute')[0], 'Arn'] };
          if (door !== undefined) door[1].Properties['FunctionName'] = execute;
        },
      ],
      ['a function has a URL', add('AWS::Lambda::Url')],
      ['a service may invoke one', add('AWS::Lambda::Permission')],
      ['a stream goes to one', add('AWS::Lambda::EventSourceMapping', { FunctionName: 'other' })],
      [
        'another service may invoke reconcile',
        (template) => {
          const [[, door] = []] = resourcesOf(template, 'AWS::Lambda::Permission');
          if (door !== undefined) door.Properties['Principal'] = 's3.amazonaws.com';
        },
      ],
      [
        'the machine may not invoke a task',
        (template) => {
          const policy = idOf(template, 'AWS::IAM::Policy', 'TransactionRole');
          const { Statement: all } = template.Resources[policy]?.Properties['PolicyDocument'] ?? {};
          const invoke = all.find((one: { Action: string }) => one.Action.includes('lambda'));
          const execute = functionOf(template, 'execute')[0];
          invoke.Resource = invoke.Resource.filter(
            (one: unknown) => !JSON.stringify(one).includes(execute),
          );
        },
      ],
    ],
  ],
  [
    'only the API and the reconciler start executions',
    onlyTheseStart,
    [
      ['seal may start them', grant('seal', { Action: 'states:StartExecution' })],
      ['the auditor may start itself', grant('enumerate', { Action: 'states:Start*' })],
    ],
  ],
  [
    'every request is authorized before it is looked at',
    everyRequestIsAuthorized,
    [
      [
        'a method is open',
        (template) => {
          const [[, method] = []] = resourcesOf(template, 'AWS::ApiGateway::Method');
          if (method !== undefined) method.Properties['AuthorizationType'] = 'NONE';
        },
      ],
      [
        'operators need no token',
        (template) => {
          for (const [, { Properties: own }] of resourcesOf(template, 'AWS::ApiGateway::Method'))
            delete own['AuthorizerId'];
        },
      ],
    ],
  ],
  [
    'tables outlive mistakes',
    tablesOutliveMistakes,
    [
      ['no recovery', ofTable('Evidence', (own) => delete own['PointInTimeRecoverySpecification'])],
      ['no protection', ofTable('Transactions', (own) => delete own['DeletionProtectionEnabled'])],
      ['no stream', ofTable('Decisions', (own) => delete own['StreamSpecification'])],
    ],
  ],
];

function withoutDecisionsOfAuthorize(template: Template): void {
  for (const [, { Properties: own }] of resourcesOf(template, 'AWS::IAM::Policy')) {
    if (own['Roles'][0].Ref !== roleOf(template, 'authorize')) continue;
    own['PolicyDocument'].Statement = own['PolicyDocument'].Statement.filter(
      (one: { Resource: unknown }) => !JSON.stringify(one.Resource).includes('TablesDecisions'),
    );
  }
}

describeGuards(controlPlane, GUARDS);
