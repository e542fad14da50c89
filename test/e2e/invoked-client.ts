import { InvokeCommand } from '@aws-sdk/client-lambda';
import { type Client, createClient } from '../../api/client.ts';
import { ACCOUNT } from './emulator/account.ts';
import { functionNamed, type World } from './world.ts';

type Where = Pick<World, 'lambda' | 'functions'>;

/**
 * A client of an agent that calls the API's Lambda itself, with the event that API Gateway would
 * make of a signed request: for an emulator whose API Gateway does not say who has signed.
 */
export function invokedClient(world: Where, agent: string): Client {
  const userArn = `arn:aws:sts::${ACCOUNT}:assumed-role/interlock-prod-${agent}/session`;
  return createClient({
    endpoint: 'http://api.invalid',
    fetch: (request) => answerTo(world, request, userArn),
  });
}

async function answerTo({ lambda, functions }: Where, request: Request, userArn: string) {
  const event = await eventOf(request, userArn);
  const FunctionName = functionNamed({ functions }, 'api-agent');
  const call = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) });
  const { Payload, FunctionError } = await lambda.send(call);
  const text = new TextDecoder().decode(Payload);
  if (FunctionError !== undefined) throw new Error(`the function failed: ${text}`);
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = JSON.parse(text);
  const several = Object.entries((multiValueHeaders ?? {}) as Record<string, string[]>);
  const joined = several.map(([name, values]) => [name, values.join(', ')]);
  return new Response(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'), {
    status: statusCode,
    headers: { ...headers, ...Object.fromEntries(joined) },
  });
}

/** What a REST API hands to a Lambda ("Input format of a Lambda function for proxy integration"). */
async function eventOf(request: Request, userArn: string) {
  const { pathname, searchParams } = new URL(request.url);
  const headers = Object.fromEntries(request.headers);
  const query = [...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]);
  return {
    resource: '/{proxy+}',
    path: pathname,
    httpMethod: request.method,
    headers,
    multiValueHeaders: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value]]),
    ),
    queryStringParameters: Object.fromEntries(searchParams),
    multiValueQueryStringParameters: Object.fromEntries(query),
    pathParameters: { proxy: pathname.slice(1) },
    requestContext: {
      stage: 'api',
      path: `/api${pathname}`,
      httpMethod: request.method,
      identity: { userArn, sourceIp: '127.0.0.1' },
    },
    body: request.body === null ? null : await request.text(),
    isBase64Encoded: false,
  };
}
