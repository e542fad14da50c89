import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CloudRequest } from '../../core/ports/cloud.ts';
import type { Outcome, Wanted } from './support/iam-caller.ts';

const TIMEOUT_MS = 150;
const READ = { operation: 'iam:GetRole', input: { RoleName: 'app' } };
const CHANGE = {
  operation: 'iam:DetachRolePolicy',
  input: { RoleName: 'app', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
};

let caller: ChildProcess;
beforeAll(() => {
  caller = fork(join(import.meta.dirname, 'support', 'iam-caller.ts'));
});
afterAll(() => {
  caller.kill();
});

/** How a call ends, made at an endpoint by the adapter. */
async function outcomeOf(
  endpoint: string,
  request: CloudRequest,
  timeoutMs = TIMEOUT_MS,
): Promise<Outcome> {
  const wanted: Wanted = { endpoint, request, timeoutMs };
  const answered = once(caller, 'message');
  caller.send(wanted);
  const [outcome] = await answered;
  return outcome as Outcome;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const endpointOf = ({ port }: AddressInfo) => `http://127.0.0.1:${port}`;

/** IAM that answers so, once it has read the request; keeps the operations. */
async function iamThat(answer: Answer) {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      calls.push(/Action=(\w+)/.exec(body)?.[1] ?? '');
      answer(request, response);
    });
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { endpoint: endpointOf(server.address() as AddressInfo), calls };
}

const xml = (status: number, body: string): Answer => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  };
};
const refusal = (status: number, code: string, type = 'Sender') =>
  xml(
    status,
    `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>${type}</Type>` +
      `<Code>${code}</Code><Message>it says why</Message></Error></ErrorResponse>`,
  );
const isReset: Answer = (request) => request.socket.destroy();
const isSilent: Answer = () => undefined;
const stopsMidway: Answer = (request, response) => {
  response.writeHead(200, { 'content-length': 999 }).write('<DetachRolePolicyResponse>');
  setTimeout(() => request.socket.destroy(), 10);
};

describe('IAM over a network', () => {
  it.each<[string, Answer]>([
    ['drops the connection after it has read the call', isReset],
    ['never answers', isSilent],
    ['stops in the middle of its answer', stopsMidway],
    ['fails', refusal(500, 'ServiceFailure', 'Receiver')],
    ['is not there for a moment', refusal(503, 'ServiceUnavailable', 'Receiver')],
    ['is behind a gateway that fails', xml(502, '<html>Bad Gateway</html>')],
  ])('that %s: a change is lost, a read may be made again', async (_what, answer) => {
    const { endpoint, calls } = await iamThat(answer);

    const outcomes = [await outcomeOf(endpoint, CHANGE), await outcomeOf(endpoint, READ)];

    expect(outcomes).toEqual([
      { name: 'AnswerLostError', code: 'answer-lost' },
      { name: 'TransientError', code: 'cloud-unreachable' },
    ]);
    expect(calls).toEqual(['DetachRolePolicy', 'GetRole']);
  });

  it('that drops the connection unread: nobody knows, so that a change is lost', async () => {
    const server = createTcpServer((socket) => socket.destroy());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const endpoint = endpointOf(server.address() as AddressInfo);

    const outcomes = [await outcomeOf(endpoint, CHANGE), await outcomeOf(endpoint, READ)];

    server.close();
    expect(outcomes.map(({ name }) => name)).toEqual(['AnswerLostError', 'TransientError']);
  });

  it.each([
    ['refuses the connection', undefined],
    ['has no address', 'http://iam.invalid'],
  ])('that %s: nothing was sent', async (_what, named) => {
    const server = createTcpServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const endpoint = named ?? endpointOf(server.address() as AddressInfo);
    server.close();
    await once(server, 'close');

    for (const request of [CHANGE, READ])
      expect(await outcomeOf(endpoint, request, 5000)).toMatchObject({ name: 'TransientError' });
  });

  it.each([
    [400, 'Throttling'],
    [429, 'TooManyRequestsException'],
    [409, 'ConcurrentModification'],
    [409, 'EntityTemporarilyUnmodifiable'],
  ])('that does not take a call, %i %s: it may be made again', async (status, code) => {
    const { endpoint, calls } = await iamThat(refusal(status, code));

    for (const request of [CHANGE, READ])
      expect(await outcomeOf(endpoint, request)).toEqual({
        name: 'TransientError',
        code: 'cloud-throttled',
      });
    expect(calls).toHaveLength(2);
  });

  it.each([
    [403, 'AccessDenied'],
    [403, 'ExpiredToken'],
    [403, 'SignatureDoesNotMatch'],
    [404, 'NoSuchEntity'],
    [409, 'LimitExceeded'],
  ])('that refuses, %i %s: that is definite', async (status, code) => {
    const { endpoint } = await iamThat(refusal(status, code));

    for (const request of [CHANGE, READ])
      expect(await outcomeOf(endpoint, request)).toEqual({ name: 'CloudRefusedError', code });
  });

  it('that answers: the call is done', async () => {
    const { endpoint, calls } = await iamThat(
      xml(
        200,
        '<DetachRolePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">' +
          '<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DetachRolePolicyResponse>',
      ),
    );

    expect(await outcomeOf(endpoint, CHANGE)).toEqual({ name: '', code: '' });
    expect(calls).toEqual(['DetachRolePolicy']);
  });
});
