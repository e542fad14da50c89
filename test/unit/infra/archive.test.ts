import { type Change, describeGuards, type Guarded } from './describe-guards.ts';
import { rolesThatMay, textOf } from './grants.ts';
import { functionOf, type Guard, idOf, roles } from './guards.ts';
import { type Resource, resourcesOf, synthesize, type Template } from './synthesis.ts';

const { controlPlane } = synthesize();
const DAYS = 365;

const bucketOf = (template: Template) => idOf(template, 'AWS::S3::Bucket', 'Archive');
const propertiesOf = (template: Template, id: string) => template.Resources[id]?.Properties ?? {};
const policyOf = (template: Template): Statement[] => {
  const id = idOf(template, 'AWS::S3::BucketPolicy', 'Archive');
  return propertiesOf(template, id)['PolicyDocument'].Statement;
};
type Statement = Readonly<Record<string, unknown>>;

/** The actions that the bucket's policy denies to everybody, under a condition or none. */
const deniedToAll = (template: Template, condition: object | undefined): readonly string[] =>
  policyOf(template)
    .filter(
      ({ Effect: effect, Principal: principal, Condition: own }) =>
        effect === 'Deny' &&
        JSON.stringify(principal) === '{"AWS":"*"}' &&
        JSON.stringify(own) === JSON.stringify(condition),
    )
    .flatMap(({ Action: action }) => action as string | string[]);

const nothingIsLost: Guard = (template) => {
  const id = bucketOf(template);
  const own = propertiesOf(template, id);
  const retention = own['ObjectLockConfiguration']?.Rule?.DefaultRetention;
  const deletions = ['s3:BypassGovernanceRetention', 's3:DeleteObject', 's3:DeleteObjectVersion'];
  const denied = deniedToAll(template, undefined);
  const conditional = deniedToAll(template, { Null: { 's3:if-none-match': 'true' } });
  const isKept =
    own['ObjectLockEnabled'] === true &&
    retention?.Mode === 'GOVERNANCE' &&
    retention.Days === DAYS;
  return [
    ...(isKept ? [] : ['objects are not locked']),
    ...(own['VersioningConfiguration']?.Status === 'Enabled' ? [] : ['there are no versions']),
    ...(own['LifecycleConfiguration'] === undefined ? [] : ['a rule lets objects expire']),
    ...(template.Resources[id]?.DeletionPolicy === 'Retain' ? [] : ['the bucket can be deleted']),
    ...deletions.filter((one) => !denied.includes(one)).map((one) => `${one} is not denied`),
    ...(conditional.includes('s3:PutObject') ? [] : ['what is there can be put again']),
  ];
};

const nobodyElseReads: Guard = (template) => {
  const own = propertiesOf(template, bucketOf(template));
  const blocks = Object.values(own['PublicAccessBlockConfiguration'] ?? {});
  const isEncrypted = own['BucketEncryption'] !== undefined;
  const insecure = deniedToAll(template, { Bool: { 'aws:SecureTransport': 'false' } });
  return [
    ...(blocks.length === 4 && blocks.every((one) => one === true) ? [] : ['it may be public']),
    ...(isEncrypted ? [] : ['it is not encrypted']),
    ...(insecure.includes('s3:*') ? [] : ['it can be read without TLS']),
  ];
};

const onlyTheirWriters: Guard = (template) => {
  const archive = JSON.stringify(roles(template, ['archive']));
  const sequence = JSON.stringify(roles(template, ['sequence']));
  const part = bucketOf(template);
  const may = (action: string, prefix = '') =>
    JSON.stringify(rolesThatMay(template, action, `${part}${prefix}`));
  const put = (folder: string) => may('s3:PutObject', `}/${folder}/*`);
  const tables = rolesThatMay(template, 'dynamodb:PutItem', 'Tables');
  return [
    ...['evidence', 'decisions', 'log']
      .filter((folder) => put(folder) !== archive)
      .map((folder) => `others than archive write ${folder}`),
    ...(put('checkpoints') === sequence ? [] : ['others than sequence write checkpoints']),
    ...(rolesThatMay(template, 's3:PutObject', `${part}}`).length === 2
      ? []
      : ['another way into the archive']),
    ...(may('s3:DeleteObject') === '[]' ? [] : ['somebody may delete']),
    ...(tables.some((one) => archive.includes(one)) ? ['archive writes to tables'] : []),
  ];
};

const mappings = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::EventSourceMapping').filter(([, { Properties: own }]) =>
    textOf(own['FunctionName']).includes(functionOf(template, 'archive')[0]),
  );

const everyChangeArrives: Guard = (template) => {
  const found = mappings(template);
  const streams = found.map(([, { Properties: own }]) => textOf(own['EventSourceArn'])).join();
  return [
    ...['Evidence', 'Decisions', 'Log']
      .map((name) => idOf(template, 'AWS::DynamoDB::Table', `Tables${name}`))
      .filter((id) => !streams.includes(id))
      .map((id) => `${id} is not archived`),
    ...found.flatMap(([id, { Properties: own }]) => [
      ...(own['StartingPosition'] === 'TRIM_HORIZON' ? [] : [`${id} skips what is there`]),
      ...(own['BisectBatchOnFunctionError'] === true ? [] : [`${id} lets one item hold others`]),
      ...(own['FunctionResponseTypes']?.[0] === 'ReportBatchItemFailures'
        ? []
        : [`${id} repeats what is archived`]),
      ...(own['MaximumRetryAttempts'] > 0 && own['MaximumRecordAgeInSeconds'] < DAY_SECONDS
        ? []
        : [`${id} gives up after the stream has forgotten, or never`]),
      ...(own['DestinationConfig']?.OnFailure?.Destination !== undefined
        ? []
        : [`${id} loses what it gives up`]),
      ...(own['FilterCriteria'] === undefined ? [] : [`${id} leaves something out`]),
    ]),
  ];
};
const DAY_SECONDS = 86_400;

const ofBucket =
  (change: (own: Resource['Properties']) => void): Change =>
  (template) =>
    change(propertiesOf(template, bucketOf(template)));
const withoutStatement =
  (what: string): Change =>
  (template) => {
    const all = policyOf(template);
    all.splice(
      all.findIndex((one) => JSON.stringify(one).includes(what)),
      1,
    );
  };
const ofMapping =
  (change: (own: Resource['Properties']) => void): Change =>
  (template) => {
    const [[, mapping] = []] = mappings(template);
    if (mapping !== undefined) change(mapping.Properties);
  };
/** Lets a function do something, everywhere or to the objects below a prefix. */
const grant =
  (Action: string, entry = 'seal', below?: string): Change =>
  (template) => {
    const arn = { 'Fn::GetAtt': [bucketOf(template), 'Arn'] };
    const Resource = below === undefined ? '*' : { 'Fn::Join': ['', [arn, `/${below}`]] };
    template.Resources['Mistake'] = {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: roles(template, [entry]).map((Ref) => ({ Ref })),
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource }] },
      },
    };
  };

const GUARDS: readonly Guarded[] = [
  [
    'nothing in the archive is lost',
    nothingIsLost,
    [
      ['there is no lock', ofBucket((own) => delete own['ObjectLockConfiguration'])],
      ['there are no versions', ofBucket((own) => delete own['VersioningConfiguration'])],
      [
        'a rule lets objects expire',
        ofBucket((own) => {
          own['LifecycleConfiguration'] = { Rules: [] };
        }),
      ],
      ['deletion is not denied', withoutStatement('s3:DeleteObjectVersion')],
      ['a put need not be conditional', withoutStatement('s3:if-none-match')],
      [
        'the stack takes it along',
        (template) => {
          const id = bucketOf(template);
          const { DeletionPolicy: _, ...rest } = template.Resources[id] as Resource;
          template.Resources[id] = rest;
        },
      ],
    ],
  ],
  [
    'nobody else reads the archive',
    nobodyElseReads,
    [
      ['it may be public', ofBucket((own) => delete own['PublicAccessBlockConfiguration'])],
      ['it is not encrypted', ofBucket((own) => delete own['BucketEncryption'])],
      ['it can be read without TLS', withoutStatement('aws:SecureTransport')],
    ],
  ],
  [
    'only archive and sequence write to it, each its own',
    onlyTheirWriters,
    [
      ['seal may write', grant('s3:PutObject')],
      ['seal may write checkpoints', grant('s3:PutObject', 'seal', 'checkpoints/*')],
      ['archive may write checkpoints', grant('s3:PutObject', 'archive', 'checkpoints/*')],
      ['sequence may write evidence', grant('s3:PutObject', 'sequence', 'evidence/*')],
      ['seal may write elsewhere', grant('s3:PutObject', 'seal', 'other/*')],
      ['seal may delete', grant('s3:Delete*')],
    ],
  ],
  [
    'every change of evidence and decisions arrives',
    everyChangeArrives,
    [
      [
        'decisions are left out',
        (template) => {
          const [[id] = []] = mappings(template).filter(([one]) => one.includes('Decisions'));
          delete template.Resources[id as string];
        },
      ],
      ['one item holds others', ofMapping((own) => delete own['BisectBatchOnFunctionError'])],
      ['it never gives up', ofMapping((own) => delete own['MaximumRecordAgeInSeconds'])],
      ['what it gives up is lost', ofMapping((own) => delete own['DestinationConfig'])],
      [
        'it begins with what comes next',
        ofMapping((own) => {
          own['StartingPosition'] = 'LATEST';
        }),
      ],
      [
        'something is left out',
        ofMapping((own) => {
          own['FilterCriteria'] = {};
        }),
      ],
    ],
  ],
];

describeGuards(controlPlane, GUARDS);
