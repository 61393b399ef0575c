import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../kernel/index.js';
import type { ApiAnswer } from './api-call.js';
import { authenticate } from './authenticate.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { FakeRequest } from './fake-gitea.types.js';
import type { FaultKind, Faults } from './faults.js';
import { isGitRequest, serveGit } from './git-http.js';
import { answerApi } from './rest-api.js';

/** What a request is served from, and where it is written down. */
export interface Serving {
  readonly world: FakeGiteaWorld;
  readonly faults: Faults;
  readonly requests: FakeRequest[];
}

/** Serves one request: its fault if it has one, else git or the REST interface. */
export async function serveRequest(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, faults, requests } = serving;
  const url = new URL(request.url ?? '', 'http://localhost');
  const asker = authenticate(world, request.headers.authorization);
  const method = request.method ?? '';
  const note = (status: number): void => {
    const user = asker.kind === 'token' ? asker.token.user.login : null;
    requests.push({ method, path: url.pathname, query: url.search, user, status });
  };
  const fault = faults.take(method, url.pathname);
  if (fault && !isAfterEffect(fault)) {
    note(0);
    request.resume();
    return happenInstead(fault, response);
  }
  if (isGitRequest(url.pathname)) return note(await serveGit(world, request, response));
  const body = await readAll(request);
  const answer = await answerApi(world, request, body).catch((error: unknown): ApiAnswer => ({
    status: 500,
    body: { message: `The fake failed: ${messageOf(error)}`, url: '' },
  }));
  note(answer.status);
  if (fault?.kind === 'done-but-timed-out') return void response.destroy();
  if (fault?.kind === 'done-but-stalled') return;
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  const sent = fault?.kind === 'truncated' ? text.slice(0, Math.ceil(text.length / 2)) : text;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(sent !== '' && { 'Content-Type': 'application/json;charset=utf-8' }),
    'Content-Length': Buffer.byteLength(sent),
  });
  response.end(sent);
}

function isAfterEffect(fault: FaultKind): boolean {
  return fault.kind === 'truncated' || fault.kind === 'done-but-timed-out' || fault.kind === 'done-but-stalled';
}

function happenInstead(fault: FaultKind, response: ServerResponse): void {
  switch (fault.kind) {
    case 'stall':
      return;
    case 'reset':
      return void response.destroy();
    case 'status':
      return answerText(response, fault.status, 'application/json;charset=utf-8', '{"message":"","url":""}');
    case 'pretend':
      return answerText(response, fault.status, 'application/json;charset=utf-8', JSON.stringify(fault.body));
    case 'html':
      return answerText(response, fault.status ?? 502, 'text/html', '<html><body><h1>Bad Gateway</h1></body></html>');
    case 'retry-after':
      response.setHeader('Retry-After', String(fault.seconds));
      return answerText(response, fault.status ?? 429, 'text/plain', 'Slow down\n');
    case 'redirect':
      response.setHeader('Location', fault.location);
      return answerText(response, 307, 'text/html', '');
    case 'oversized':
      return answerText(response, 200, 'application/json', JSON.stringify('x'.repeat(fault.bytes)));
    case 'truncated':
    case 'done-but-timed-out':
    case 'done-but-stalled':
      throw new Error(`${fault.kind} happens after the effect`);
    default:
      throw new Error(`Unknown fault ${JSON.stringify(fault satisfies never)}`);
  }
}

function answerText(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.writeHead(status, { 'Content-Type': contentType });
  response.end(text);
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
