import { execFileSync, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A forge reduced to git over HTTP, in front of bare repositories in a directory. */
export interface GitHttpServer {
  readonly url: string;
  /** Every request so far: method and path with query. */
  readonly requests: readonly string[];
  /** Headers of the last request. */
  lastHeaders(): IncomingMessage['headers'];
  /** What happens to a request instead of being answered, or after it was carried out. */
  fault: ((request: string) => 'refuse' | 'fail' | 'cut' | 'redirect' | null) | null;
  /** `Basic ...` that pushes need; null for nobody may push. */
  authorization: string | null;
  close(): Promise<void>;
}

/** Starts the server on a free port of the loopback address. */
export async function startGitHttpServer(root: string): Promise<GitHttpServer> {
  const backend = `${execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim()}/git-http-backend`;
  const requests: string[] = [];
  let headers: IncomingMessage['headers'] = {};

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const name = `${request.method} ${request.url}`;
    requests.push(name);
    headers = request.headers;
    const fault = server.fault?.(name) ?? null;
    if (fault === 'fail') return void response.writeHead(502).end('bad gateway');
    if (fault === 'redirect') return void response.writeHead(302, { location: 'http://127.0.0.2:1/' }).end();
    const isPush = name.includes('git-receive-pack');
    const isKnown = request.headers.authorization === server.authorization;
    if (fault === 'refuse' || (isPush && !isKnown)) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    }
    const child = spawn(backend, {
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        ...(isPush ? { REMOTE_USER: 'bot' } : {}),
      },
    });
    request.pipe(child.stdin);
    child.stdin.on('error', () => undefined);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => child.once('close', resolve));
    if (fault === 'cut') return void response.destroy();
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    for (const line of output.subarray(0, end).toString().split('\r\n')) {
      const [key = '', value = ''] = line.split(': ');
      if (key === 'Status') response.statusCode = Number(value.slice(0, 3));
      else response.setHeader(key, value);
    }
    response.end(output.subarray(end + 4));
  };

  const http = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: GitHttpServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    lastHeaders: () => headers,
    fault: null,
    authorization: null,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}
