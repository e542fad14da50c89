import { textOf, withoutBraces } from './grants.ts';
import { expectRoles, functionOf, type Guard, idOf, roleOf, roles, table } from './guards.ts';
import { resourcesOf, type Template } from './synthesis.ts';

const logKey = (template: Template) => idOf(template, 'AWS::KMS::Key', 'LogKey');

export const onlySequenceSignsTheLog: Guard = (template) => {
  const key = logKey(template);
  const sequence = roleOf(template, 'sequence');
  const statements: readonly Record<string, unknown>[] =
    template.Resources[key]?.Properties['KeyPolicy'].Statement ?? [];
  const denial = statements.find((one) => one['Effect'] === 'Deny' && one['Action'] === 'kms:Sign');
  const wanted = { ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [sequence, 'Arn'] } } };
  const isDenied = JSON.stringify(denial?.['Condition']) === JSON.stringify(wanted);
  return [
    ...expectRoles(template, ['kms:Sign', key], [sequence]),
    ...expectRoles(
      template,
      ['kms:GetPublicKey', key],
      roles(template, ['api-agent', 'api-operator', 'sequence']),
    ),
    ...(isDenied ? [] : ['the key lets others than sequence sign']),
  ];
};

export const onlySequenceWritesTheLog: Guard = (template) => {
  const [sequence, seal] = [roles(template, ['sequence']), roles(template, ['seal'])];
  const [log, pending] = [table(template, 'Log'), table(template, 'Pending')];
  return [
    ...expectRoles(template, ['dynamodb:PutItem', log], sequence),
    ...expectRoles(template, ['dynamodb:PutItem', pending], seal),
    ...expectRoles(template, ['dynamodb:BatchWriteItem', pending], sequence),
    ...['DeleteItem', 'UpdateItem'].flatMap((verb) =>
      expectRoles(template, [`dynamodb:${verb}`, pending], []),
    ),
    ...expectRoles(
      template,
      ['dynamodb:GetItem', log],
      roles(template, ['api-agent', 'api-operator', 'sequence']),
    ),
  ];
};

/** What the sequencer puts of its own into the state: the list of open control streams. */
export const sequenceChangesNoState: Guard = (template) => {
  const sequence = roleOf(template, 'sequence');
  const transactions = table(template, 'Transactions');
  const condition = {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['control-streams'] },
  };
  const statements = resourcesOf(template, 'AWS::IAM::Policy')
    .filter(([, { Properties: own }]) => JSON.stringify(own['Roles']).includes(`"${sequence}"`))
    .flatMap(([, { Properties: own }]) => own['PolicyDocument'].Statement as Statement[]);
  const isOfState = ({ Effect: effect, Resource: resource }: Statement) =>
    effect === 'Allow' && (resource === '*' || JSON.stringify(resource).includes(transactions));
  return statements
    .filter(isOfState)
    .filter(
      (one) =>
        one['Action'] !== 'dynamodb:PutItem' ||
        JSON.stringify(one['Condition']) !== JSON.stringify(condition),
    )
    .map((one) => `sequence may ${JSON.stringify(one['Action'])} state`);
};
type Statement = Readonly<Record<string, unknown>>;

export const oneSequencesAtATime: Guard = (template) => {
  const [, { Properties: own }] = functionOf(template, 'sequence');
  const bound = own['ReservedConcurrentExecutions'];
  return bound === 1 ? [] : [`${bound} sequence at once`];
};

const mappings = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::EventSourceMapping').filter(
    ([, { Properties: own }]) =>
      withoutBraces(textOf(own['FunctionName'])) === functionOf(template, 'sequence')[0],
  );
const targetsOf = (template: Template, entry: string) =>
  resourcesOf(template, 'AWS::Events::Rule').flatMap(([, { Properties: own }]) =>
    (own['Targets'] as Statement[])
      .filter((one) => textOf(one['Arn']) === `{${functionOf(template, entry)[0]}}`)
      .map((target) => ({ schedule: own['ScheduleExpression'], input: target['Input'] })),
  );

export const everySealIsLogged: Guard = (template) => {
  const found = mappings(template).map(([, { Properties: own }]) => own);
  const [mapping] = found;
  return [
    ...(found.length === 1 ? [] : ['no stream has it run']),
    ...(mapping?.['StartingPosition'] === 'TRIM_HORIZON' ? [] : ['it skips what is there']),
    ...(mapping?.['MaximumRetryAttempts'] === undefined
      ? []
      : ['it gives up while it could go on']),
    ...(JSON.stringify(targetsOf(template, 'sequence')) === '[{"schedule":"rate(5 minutes)"}]'
      ? []
      : ['no sweep finds what the stream has forgotten']),
  ];
};

export const controlStreamsAreSealed: Guard = (template) => {
  const wanted = [{ schedule: 'rate(1 minute)', input: '{"seal":"control-streams"}' }];
  const found = targetsOf(template, 'seal');
  return JSON.stringify(found) === JSON.stringify(wanted) ? [] : ['seal is sent something else'];
};
