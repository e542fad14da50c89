import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** What happens to the next call of an operation on its way between a Lambda and IAM. */
export type Fault =
  /** IAM answers, and the answer never arrives. */
  | { readonly kind: 'lose-answer' }
  /** IAM answers, and the answer is held back for so long. */
  | { readonly kind: 'hold-answer'; readonly ms: number }
  /** IAM refuses: the call never gets there. */
  | { readonly kind: 'refuse'; readonly code: string };

/** A proxy of the emulator's IAM, which a Lambda is pointed at by `AWS_ENDPOINT_URL_IAM`. */
export interface IamProxy {
  readonly endpoint: string;
  /** The mutating calls that reached IAM, as `Operation EntityName`, in order. */
  readonly calls: readonly string[];
  /** Plans a fault for the next call of the operation on the entity. */
  plan(operation: string, entity: string, fault: Fault): void;
  close(): Promise<void>;
}

/** Opens a proxy on a free port of 127.0.0.1. */
export async function openIamProxy(emulatorEndpoint: string): Promise<IamProxy> {
  const faults = new Map<string, Fault>();
  const calls: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await bytesOf(incoming);
    const parameters = new URLSearchParams(body.toString());
    const call = `${parameters.get('Action')} ${parameters.get('RoleName') ?? parameters.get('UserName')}`;
    const fault = faults.get(call);
    faults.delete(call);
    if (fault?.kind === 'refuse') {
      outgoing.writeHead(403, { 'content-type': 'text/xml' }).end(errorXml(fault.code));
      return;
    }
    if (!/^(Get|List)/.test(call)) calls.push(call);
    const answer = await forward(emulatorEndpoint, incoming, body);
    if (fault?.kind === 'lose-answer') {
      outgoing.destroy();
      return;
    }
    if (fault?.kind === 'hold-answer') await wait(fault.ms);
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    calls,
    plan: (operation, entity, fault) => faults.set(`${operation} ${entity}`, fault),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** As it came: the signature covers the host that the caller named. */
async function forward(endpoint: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const outgoing = request(new URL(incoming.url ?? '/', endpoint), {
    method: incoming.method ?? 'POST',
    headers: incoming.headers,
  });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const type = answer.headers['content-type'] ?? 'text/xml';
  return {
    status: answer.statusCode ?? 500,
    headers: { 'content-type': type },
    body: await bytesOf(answer),
  };
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return address.port;
}

const errorXml = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>refused by the test</Message></Error></ErrorResponse>`;
