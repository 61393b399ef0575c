import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate } from './authenticate.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { FakeExchange, FakeRequest } from './fake-gitea.types.js';
import type { FaultKind, Faults } from './faults.js';
import { isGitRequest, serveGit, type ServedAnswer } from './git-http.js';
import { answerApi } from './rest-api.js';

/** What a request is served from, and where it is written down. */
export interface Serving {
  readonly world: FakeGiteaWorld;
  readonly faults: Faults;
  readonly requests: FakeRequest[];
  readonly onExchange?: ((exchange: FakeExchange) => void) | undefined;
}

type AfterEffect = 'truncated' | 'done-but-timed-out' | 'done-but-stalled';
const AFTER_EFFECTS: readonly string[] = ['truncated', 'done-but-timed-out', 'done-but-stalled'];

/** Serves one request: its fault if it has one, else git or the REST interface. */
export async function serveRequest(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, faults, requests } = serving;
  const url = new URL(String(request.url), 'http://localhost');
  const asker = authenticate(world, request.headers.authorization);
  const method = String(request.method);
  const note = (status: number): void => {
    const user = asker.kind === 'token' ? asker.token.user.login : null;
    requests.push({ method, path: url.pathname, query: url.search, user, status });
  };
  const fault = faults.take(method, url.pathname, url.search);
  if (fault && !isAfterEffect(fault)) {
    note(0);
    request.resume();
    return happenInstead(fault, response);
  }
  const answer = isGitRequest(url.pathname) ? await serveGit(world, request) : await serveApi(serving, request, url);
  note(answer.status);
  if (fault?.kind === 'done-but-timed-out') return void response.destroy();
  if (fault?.kind === 'done-but-stalled') return;
  const { status, headers, body } = answer;
  const sent = fault?.kind === 'truncated' ? body.subarray(0, Math.ceil(body.length / 2)) : body;
  response.writeHead(status, { ...headers, 'Content-Length': sent.length });
  response.end(sent);
}

async function serveApi(serving: Serving, request: IncomingMessage, url: URL): Promise<ServedAnswer> {
  const sent = await readAll(request);
  const { status, headers, body } = await answerApi(serving.world, request, sent);
  const text = body === undefined ? '' : JSON.stringify(body);
  serving.onExchange?.({
    method: String(request.method),
    path: url.pathname.replace(/^\/api\/v1/, ''),
    query: url.search,
    sent: readJson(sent.toString('utf8')),
    status,
    received: readJson(text),
  });
  return {
    status,
    headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json;charset=utf-8' }) },
    body: Buffer.from(text),
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the request takes effect first. */
function isAfterEffect(fault: FaultKind): fault is Extract<FaultKind, { kind: AfterEffect }> {
  return AFTER_EFFECTS.includes(fault.kind);
}

function happenInstead(fault: Exclude<FaultKind, { kind: AfterEffect }>, response: ServerResponse): void {
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
