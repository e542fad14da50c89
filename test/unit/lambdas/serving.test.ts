import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { Problem } from '../../../api/shapes.ts';
import { TransientError } from '../../../core/errors.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import type { Handler } from '../../../lambdas/handler.ts';
import { caseNamed } from '../../integration/support/action-cases.ts';
import { openTestWorld, type TestWorld } from '../../integration/support/world.ts';
import { captureOutput, type Output } from './output.ts';

const CANARY = 'CANARY-7f3a';
const ACCOUNT = '444455556666';
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/interlock-test-iam-auditor/any-session`;

// What the functions open on AWS, here.
const mockOpened: { open: () => Promise<Ports>; opens: number } = {
  open: async () => {
    throw new Error('not opened');
  },
  opens: 0,
};
jest.mock('../../../lambdas/wiring.ts', () => ({
  openPorts: () => () => {
    mockOpened.opens += 1;
    return mockOpened.open();
  },
  openRunner: (ports: Ports) => ({ ports }),
  contentsOf: () => ({ find: async () => undefined }),
}));
// There is no KMS to ask for the key of the log.
jest.mock('../../../lambdas/logging.ts', () => ({ openLogOfBundles: async () => undefined }));

// After the mock: what it stands for is loaded with them.
let serve: typeof import('../../../lambdas/serving.ts').serve;
let agentHandler: Handler;
let operatorHandler: Handler;
beforeAll(async () => {
  ({ serve } = await import('../../../lambdas/serving.ts'));
  ({ handler: agentHandler } = await import('../../../lambdas/api-agent.ts'));
  ({ handler: operatorHandler } = await import('../../../lambdas/api-operator.ts'));
});

// A function keeps what it has opened.
let world: TestWorld;
beforeAll(() => {
  world = openTestWorld();
});
afterAll(() => world.close());

let output: Output;
let before: NodeJS.ProcessEnv;
beforeEach(() => {
  before = process.env;
  process.env = {
    ...before,
    AWS_REGION: 'eu-west-1',
    LAMBDA_TASK_ROOT: '.',
    EXPORT_BUCKET: 'exports',
    VERSION: '1.2.3',
    BASE_PATH: '/api',
    ACCOUNT,
    STAGE: 'test',
  };
  mockOpened.open = async () => world.ports;
  mockOpened.opens = 0;
  output = captureOutput();
});
afterEach(() => {
  output.stop();
  process.env = before;
});

interface Answer {
  readonly statusCode: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
}

/** A request as a REST API of API Gateway gives it to a function. */
const eventOf = (path: string, context: object, more: object = {}) => ({
  httpMethod: 'GET',
  path,
  resource: '/{proxy+}',
  headers: { host: 'abc.execute-api.eu-west-1.amazonaws.com' },
  multiValueHeaders: { host: ['abc.execute-api.eu-west-1.amazonaws.com'] },
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  body: null,
  isBase64Encoded: false,
  requestContext: { path: `/prod${path}`, stage: 'prod', ...context },
  ...more,
});
const asked = async (handler: (event: unknown) => Promise<unknown>, event: unknown) =>
  (await handler(event)) as Answer;
const problemOf = ({ body, statusCode }: Answer) => {
  const problem = Problem.parse(JSON.parse(body));
  expect(problem.status).toBe(statusCode);
  return problem;
};
const AGENT = { identity: { userArn: SESSION } };
const claimsOf = (claims: unknown) => ({ authorizer: { claims } });
const OPERATOR = { 'cognito:username': 'alice', 'cognito:groups': 'interlock-operators' };

describe('a caller of the API on AWS', () => {
  test.each<[string, object]>([
    ['of whom nothing is known', {}],
    ['without a role', { identity: { userArn: null } }],
    ['of another role', { identity: { userArn: SESSION.replace('iam-auditor', 'other') } }],
    ['of another account', { identity: { userArn: SESSION.replace(ACCOUNT, '999900001111') } }],
    ['who is an operator', claimsOf(OPERATOR)],
    ['whose context is of another shape', { identity: 'me' }],
  ])('%s is no agent: 401', async (_, context) => {
    const answer = await asked(agentHandler, eventOf('/v1/transactions', context));

    expect(problemOf(answer)).toMatchObject({ status: 401 });
  });

  test.each<[string, object]>([
    ['of whom nothing is known', {}],
    ['outside of the group', claimsOf({ ...OPERATOR, 'cognito:groups': 'users' })],
    ['who is an agent', AGENT],
  ])('%s is no operator: 401', async (_, context) => {
    const answer = await asked(operatorHandler, eventOf('/v1/transactions', context));

    expect(problemOf(answer)).toMatchObject({ status: 401 });
  });

  test('can by no header say who it is', async () => {
    const headers = { authorization: 'Bearer ops', 'x-amzn-caller': SESSION };
    const more = {
      headers,
      multiValueHeaders: { authorization: ['Bearer ops'], 'x-amzn-caller': [SESSION] },
    };

    const answer = await asked(operatorHandler, eventOf('/v1/transactions', {}, more));

    expect(answer.statusCode).toBe(401);
  });

  test('who is an agent sees its own transactions, and an operator all', async () => {
    const { id } = await world.propose([caseNamed('iam:DetachRolePolicy').step]);

    const ofAgent = await asked(agentHandler, eventOf('/v1/transactions', AGENT));
    const ofOperator = await asked(
      operatorHandler,
      eventOf('/v1/transactions', claimsOf(OPERATOR)),
    );

    for (const { statusCode, body } of [ofAgent, ofOperator]) {
      expect(statusCode).toBe(200);
      expect(JSON.parse(body).transactions).toMatchObject([{ id }]);
    }
  });

  test('who is an agent has no way to what only operators may do', async () => {
    const event = eventOf('/v1/kill-switch', AGENT, { httpMethod: 'PUT', body: '{}' });

    const answer = await asked(agentHandler, event);

    expect(problemOf(answer)).toMatchObject({ status: 404 });
  });
});

describe('the API on AWS', () => {
  test('answers an error as a problem document', async () => {
    const answer = await asked(agentHandler, eventOf('/v1/transactions/tx-unknown', AGENT));

    expect(problemOf(answer)).toMatchObject({ status: 404, code: 'transaction-not-found' });
    expect(JSON.stringify(answer.headers ?? answer.multiValueHeaders)).toContain(
      'application/problem+json',
    );
  });

  test('shows nothing of a defect, and logs where it arose', async () => {
    mockOpened.open = async () => ({
      ...world.ports,
      store: {
        ...world.ports.store,
        load: async () => {
          throw new Error(CANARY);
        },
      },
    });
    const handler = serve({ surface: 'agent', callerOf: () => ({ type: 'Agent', id: 'a-b' }) });

    const answer = await asked(handler, eventOf('/v1/transactions/tx-1', AGENT));

    expect(problemOf(answer)).toMatchObject({ status: 500, code: 'unexpected' });
    expect(answer.body).not.toContain(CANARY);
    expect(output.lines()).toContainEqual(expect.objectContaining({ message: 'request failed' }));
    expect(output.text()).not.toContain(CANARY);
  });

  test('shows nothing of a failure while it opens, and opens afresh at the next call', async () => {
    const handler = serve({ surface: 'agent', callerOf: () => ({ type: 'Agent', id: 'a-b' }) });
    mockOpened.open = async () => {
      throw new TransientError('kms-unreachable', 'out of reach', { cause: new Error(CANARY) });
    };

    const failed = await handler(eventOf('/v1/health', AGENT)).catch((error: Error) => error);
    mockOpened.open = async () => world.ports;
    const answers = await Promise.all([
      asked(handler, eventOf('/v1/health', AGENT)),
      asked(handler, eventOf('/v1/health', AGENT)),
    ]);

    expect(failed).toMatchObject({ name: 'TransientError', message: 'kms-unreachable', stack: '' });
    expect(output.text()).not.toContain(CANARY);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(mockOpened.opens).toBe(2);
  });

  test('says who it is of which version', async () => {
    const { body } = await asked(agentHandler, eventOf('/v1/health', AGENT));

    expect(JSON.parse(body)).toEqual({ status: 'ok', version: '1.2.3' });
  });
});
