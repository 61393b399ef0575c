import type { IncomingMessage } from 'node:http';
import type { ApiAnswer, ApiRoute } from './api-call.js';
import { authenticate, hasScope, neededScope, type Asker } from './authenticate.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import { ApiRefusal, notFound } from './fake-gitea.errors.js';
import type { FakeUser } from './fake-gitea.types.js';
import { ACCOUNT_ROUTES } from './routes-accounts.js';
import { COMMENT_ROUTES } from './routes-comments.js';
import { DEPENDENCY_ROUTES } from './routes-dependencies.js';
import { FILE_ROUTES } from './routes-files.js';
import { HOOK_ROUTES } from './routes-hooks.js';
import { ISSUE_ROUTES } from './routes-issues.js';
import { LABEL_ROUTES } from './routes-labels.js';
import { PEOPLE_ROUTES } from './routes-people.js';
import { PULL_ROUTES } from './routes-pulls.js';
import { REPOSITORY_ROUTES } from './routes-repositories.js';
import { REVIEW_ROUTES } from './routes-reviews.js';
import { STATUS_ROUTES } from './routes-statuses.js';

const BASE = '/api/v1';

/** Every endpoint. The first that matches answers: /repos/issues/search before /repos/:owner/:repo. */
export const API_ROUTES: readonly ApiRoute[] = [
  ...ISSUE_ROUTES,
  ...ACCOUNT_ROUTES,
  ...REPOSITORY_ROUTES,
  ...PEOPLE_ROUTES,
  ...COMMENT_ROUTES,
  ...LABEL_ROUTES,
  ...DEPENDENCY_ROUTES,
  ...REVIEW_ROUTES,
  ...PULL_ROUTES,
  ...STATUS_ROUTES,
  ...HOOK_ROUTES,
  ...FILE_ROUTES,
];

const MATCHERS = API_ROUTES.map((route) => ({ route, matcher: matcherOf(route.path) }));

/** Answers one request to `/api/v1`. Every refusal becomes the answer Gitea gives. */
export async function answerApi(world: FakeGiteaWorld, request: IncomingMessage, body: Buffer): Promise<ApiAnswer> {
  try {
    return await dispatch(world, request, body);
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    if (error.body === null) return { status: error.status };
    const swagger = `${world.settings.rootUrl}/api/swagger`;
    return { status: error.status, body: error.body ?? { message: error.message, url: swagger } };
  }
}

async function dispatch(world: FakeGiteaWorld, request: IncomingMessage, body: Buffer): Promise<ApiAnswer> {
  const target = String(request.url);
  const url = new URL(target, 'http://localhost');
  const found = findRoute(String(request.method), url.pathname);
  const asker = authenticate(world, request.headers.authorization);
  if (asker.kind === 'unknown') throw new ApiRefusal(401, 'invalid username, password or token');
  if (!found) throw notFound();
  const { route, params } = found;
  if (asker.kind === 'token' && route.scope && !hasScope(asker.token, route.scope, route.method)) {
    const needed = neededScope(route.scope, route.method);
    throw new ApiRefusal(
      403,
      `token does not have at least one of required scope(s), required=[${needed}], token scope=${asker.token.scopes.join(',')}`,
    );
  }
  const user = actingUser(world, request, url, asker);
  const isByPassword = asker.kind === 'token' && asker.isByPassword;
  const readsBody = route.readsBody ?? ['POST', 'PUT', 'PATCH'].includes(route.method);
  if (readsBody && !user) throw new ApiRefusal(401, 'token is required');
  const fields = readsBody ? readBody(request, body) : {};
  const param = (name: string): string => String(params[name]);
  return route.answer({ world, user, isByPassword, param, query: url.searchParams, target, body: fields });
}

/** Site administrators may act as others (routers/api/v1/api.go `sudo`). */
function actingUser(world: FakeGiteaWorld, request: IncomingMessage, url: URL, asker: Asker): FakeUser | null {
  const own = asker.kind === 'token' ? asker.token.user : null;
  const login = url.searchParams.get('sudo') ?? request.headers['sudo'];
  if (typeof login !== 'string' || login === '') return own;
  if (!own?.isAdmin) throw new ApiRefusal(403, 'Only administrators allowed to sudo.');
  const user = world.users.get(login.toLowerCase());
  if (!user) throw notFound();
  return user;
}

function findRoute(method: string, path: string): { route: ApiRoute; params: Record<string, string> } | null {
  for (const { route, matcher } of MATCHERS) {
    const match = route.method === method ? matcher.exec(path.slice(BASE.length)) : null;
    if (match) return { route, params: decodeAll(match.groups ?? {}) };
  }
  return null;
}

/** 422 for another Content-Type and for what is no JSON object (modules/web `Bind`). */
function readBody(request: IncomingMessage, body: Buffer): Record<string, unknown> {
  if (!/^application\/json\b/i.test(String(request.headers['content-type']))) {
    throw new ApiRefusal(422, '[]: Unsupported Content-Type');
  }
  const parsed = parseJson(body.toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null) throw new ApiRefusal(422, '[]: Deserialization');
  return parsed as Record<string, unknown>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiRefusal(422, '[]: Deserialization');
  }
}

function matcherOf(path: string): RegExp {
  const pattern = path.replace(/:(\w+)/g, '(?<$1>[^/]+)').replace(/\*(\w+)/g, '(?<$1>.+)');
  return new RegExp(`^${pattern}$`);
}

function decodeAll(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decode(text)]));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notFound();
  }
}
