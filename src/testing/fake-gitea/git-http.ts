import { spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { noticeBranches } from './act-on-pulls.js';
import { authenticate } from './authenticate.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { FakeRepository, FakeUser } from './fake-gitea.types.js';
import { gitEnvironment } from './run-git.js';

/** An answer, ready to be sent. */
export interface ServedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const GIT_PATH = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** Whether a request is one of git's. */
export function isGitRequest(path: string): boolean {
  return GIT_PATH.test(path);
}

/**
 * Serves git over HTTP with `git http-backend`: everybody reads public repositories, tokens of accounts that may
 * write push. The token stands in the Basic credentials, as user or as password. After a push, pull requests learn
 * of their new head before the pusher is answered.
 */
export async function serveGit(world: FakeGiteaWorld, request: IncomingMessage): Promise<ServedAnswer> {
  const url = new URL(String(request.url), 'http://localhost');
  const [, owner = '', repo = '', service = ''] = GIT_PATH.exec(url.pathname) ?? [];
  const isPush = service === 'git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
  const asker = authenticate(world, request.headers.authorization);
  if (asker.kind === 'unknown') return refusalWith(401);
  const user = asker.kind === 'token' ? asker.token.user : null;
  const repository = world.findRepository({ owner, repo });
  if (!repository || !world.may(user, 'read', repository)) return refusalWith(user ? 404 : 401);
  if (isPush && !user) return refusalWith(401);
  if (isPush && (!world.may(user, 'write', repository) || repository.isArchived)) return refusalWith(403);
  const answered = await runBackend(world, repository, { request, url, service, user });
  if (service === 'git-receive-pack' && user) await noticeBranches(world, repository, user);
  return answered;
}

/** Who has not said who they are is asked (401); who has, is refused. */
function refusalWith(status: 401 | 403 | 404): ServedAnswer {
  const asking = status === 401 ? { 'WWW-Authenticate': 'Basic realm="Gitea"' } : {};
  return { status, headers: { 'Content-Type': 'text/plain', ...asking }, body: Buffer.from('Refused\n') };
}

interface BackendCall {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly service: string;
  readonly user: FakeUser | null;
}

function runBackend(world: FakeGiteaWorld, repository: FakeRepository, call: BackendCall): Promise<ServedAnswer> {
  const { request, url, service, user } = call;
  const { headers } = request;
  const environment: Record<string, string> = {
    ...gitEnvironment(world.settings.searchPath),
    GIT_PROJECT_ROOT: dirname(repository.directory),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `${repository.directory.slice(dirname(repository.directory).length)}/${service}`,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: String(request.method),
    REMOTE_ADDR: '127.0.0.1',
    CONTENT_TYPE: headers['content-type'] ?? '',
    ...(headers['content-length'] && { CONTENT_LENGTH: headers['content-length'] }),
    ...(headers['content-encoding'] && { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
    ...(headers['git-protocol'] && { GIT_PROTOCOL: String(headers['git-protocol']) }),
    ...(user && { REMOTE_USER: user.login }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['http-backend'], { env: environment, stdio: ['pipe', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    child.on('error', reject);
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('close', () => resolve(readCgiAnswer(Buffer.concat(chunks))));
    // A client that goes away must not leave the backend waiting for the rest.
    request.on('close', () => child.stdin.end());
    request.pipe(child.stdin);
  });
}

/** Header lines, an empty line, the body; `Status: 404 Not Found` is one of the lines. */
function readCgiAnswer(output: Buffer): ServedAnswer {
  const end = output.indexOf('\r\n\r\n');
  const headers = Object.fromEntries(
    output
      .subarray(0, end)
      .toString('latin1')
      .split('\r\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const { Status: status = '200', ...rest } = headers;
  return { status: Number.parseInt(status, 10), headers: rest, body: output.subarray(end + 4) };
}
