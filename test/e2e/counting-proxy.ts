import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call of one of AWS's services, as it was answered. */
export interface Call {
  /** The function that made it, by its file in `lambdas/`. */
  readonly by: string;
  /** `DynamoDB.TransactWriteItems`, `STS.AssumeRole`, `Lambda.Invoke`, `S3.PUT`. */
  readonly operation: string;
  readonly at: number;
  readonly status: number;
  readonly request: string;
  readonly answer: string;
}

/** A proxy of the emulator for one function, which is pointed at it by `AWS_ENDPOINT_URL_*`. */
export interface CountingProxy {
  /** What the function's environment must have. */
  readonly variables: Record<string, string>;
  close(): Promise<void>;
}

/** Every service that a function may call. */
const SERVICES = ['DYNAMODB', 'KMS', 'SSM', 'STS', 'LAMBDA', 'SFN', 'IAM', 'S3'];

/** Opens a proxy on a free port of 127.0.0.1 that changes nothing and puts every call on a list. */
export async function openCountingProxy(
  emulatorEndpoint: string,
  by: string,
  calls: Call[],
): Promise<CountingProxy> {
  const server = createServer(async (incoming, outgoing) => {
    const body = await bytesOf(incoming);
    const at = Date.now();
    // As it came: the signature covers the host that the caller named.
    const forwarded = request(new URL(incoming.url ?? '/', emulatorEndpoint), {
      method: incoming.method ?? 'POST',
      headers: incoming.headers,
    });
    forwarded.end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    const bytes = await bytesOf(answer);
    const status = answer.statusCode ?? 500;
    const operation = operationOf(incoming, body);
    calls.push({ by, operation, at, status, request: `${body}`, answer: `${bytes}` });
    const { 'transfer-encoding': _, ...headers } = answer.headers;
    outgoing.writeHead(status, headers).end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    variables: Object.fromEntries(SERVICES.map((one) => [`AWS_ENDPOINT_URL_${one}`, endpoint])),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The operation by the headers and bodies of the protocols that the SDK speaks. */
function operationOf({ headers, method, url = '' }: IncomingMessage, body: Buffer): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', operation] = target.split('.');
    return `${TARGETS[service.replace(/_\d+$/, '')] ?? service}.${operation}`;
  }
  if (url.endsWith('/invocations')) return 'Lambda.Invoke';
  const parameters = new URLSearchParams(body.toString());
  const action = parameters.get('Action');
  if (action !== null)
    return `${parameters.get('Version') === STS_VERSION ? 'STS' : 'IAM'}.${action}`;
  return `S3.${method}`;
}

const TARGETS: Readonly<Record<string, string>> = {
  DynamoDB: 'DynamoDB',
  TrentService: 'KMS',
  AmazonSSM: 'SSM',
  AWSStepFunctions: 'SFN',
};
const STS_VERSION = '2011-06-15';

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
