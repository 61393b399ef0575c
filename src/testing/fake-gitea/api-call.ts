import { repositoryPath } from './fake-gitea-paths.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import { ApiRefusal, innerFailure, notFound } from './fake-gitea.errors.js';
import type { AccessLevel, FakeIssue, FakeRepository, FakeUser } from './fake-gitea.types.js';

/** One request to the REST interface, its token looked up and its body read. */
export interface ApiCall {
  readonly world: FakeGiteaWorld;
  /** Null without a token. */
  readonly user: FakeUser | null;
  /** Whether it came with a login and a password in place of a token. */
  readonly isByPassword: boolean;
  /** What stands in the path under this name, decoded. */
  param(name: string): string;
  readonly query: URLSearchParams;
  /** Path and query as they came, for the Link header. */
  readonly target: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ApiAnswer {
  readonly status: number;
  /** Sent as JSON; left out, the body is empty. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One endpoint. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** After `/api/v1`. `:name` is one segment, `*name` the rest. */
  readonly path: string;
  /** The category of token scopes it belongs to (routers/api/v1/api.go); null for none. */
  readonly scope: 'issue' | 'repository' | 'user' | 'organization' | 'admin' | null;
  /** Whether it reads a body. @default true for POST, PUT and PATCH */
  readonly readsBody?: boolean;
  answer(call: ApiCall): ApiAnswer | Promise<ApiAnswer>;
}

/** The user of the token, for routes that need one. */
export function requireUser(call: ApiCall): FakeUser {
  if (!call.user) throw new ApiRefusal(401, 'token is required');
  return call.user;
}

/** routers/api/v1/api.go `reqAdmin` and `reqRepoWriter`. */
const REFUSALS = {
  admin: 'user should be an owner or a collaborator with admin write of a repository',
  write: 'user should have a permission to write to a repo',
};

/** The repository of the path. 404 for whoever may not read it, so that nobody learns of it. */
export function repositoryOf(call: ApiCall, wanted: AccessLevel = 'read'): FakeRepository {
  const repository = call.world.findRepository({ owner: call.param('owner'), repo: call.param('repo') });
  if (!repository || !call.world.may(call.user, 'read', repository)) throw notFound();
  if (!call.world.may(call.user, wanted, repository)) {
    throw new ApiRefusal(403, REFUSALS[wanted === 'admin' ? 'admin' : 'write']);
  }
  return repository;
}

/** The issue or pull request of the path, or 404. */
export function issueOf(call: ApiCall, repository: FakeRepository): FakeIssue {
  const issue = repository.issues.get(Number(call.param('index')));
  if (!issue) throw notFound();
  return issue;
}

/** As `issueOf`, for the routes that answer 500 where there is none (`GetIssueByIndex` → `APIErrorInternal`). */
export function issueOrFailure(call: ApiCall, repository: FakeRepository): FakeIssue {
  const issue = repository.issues.get(Number(call.param('index')));
  if (!issue) throw innerFailure();
  return issue;
}

/** 423 where `mustNotBeArchived` stands before the route. */
export function refuseArchived(repository: FakeRepository): void {
  if (repository.isArchived) throw new ApiRefusal(423, `${repositoryPath(repository)} is archived`);
}

/**
 * One page of a list. A limit over the largest is cut without a word; the Link header is made of ROOT_URL, which
 * may not be the host that was called (services/context/api.go `SetLinkHeader`).
 */
export function paged<T>(call: ApiCall, all: readonly T[], represent: (one: T) => unknown): ApiAnswer {
  const { defaultPageSize, largestPageSize } = call.world.settings;
  const page = Math.max(1, Number(call.query.get('page')) || 1);
  const asked = Number(call.query.get('limit')) || defaultPageSize;
  const limit = asked > 0 ? Math.min(asked, largestPageSize) : defaultPageSize;
  const link = linkHeader(call, page, Math.ceil(all.length / limit));
  return {
    status: 200,
    body: all.slice((page - 1) * limit, page * limit).map(represent),
    headers: { 'X-Total-Count': String(all.length), ...(link && { Link: link }) },
  };
}

/**
 * What was changed from `since` to `before`, as comments and lines of a history are filtered: to the second, and both ends
 * included (models/issues/comment.go `FindCommentsOptions`). 422 for what is no time (services/context/base.go
 * `GetQueryBeforeSince`).
 */
export function changedWithin<T>(call: ApiCall, all: readonly T[], updatedAt: (one: T) => number): readonly T[] {
  const since = secondOf(call, 'since');
  const before = secondOf(call, 'before');
  return all.filter((one) => {
    const second = Math.floor(updatedAt(one) / 1_000);
    return (since === null || second >= since) && (before === null || second <= before);
  });
}

/** Null for nothing, and for the first second of 1970, which Gitea takes for nothing. */
function secondOf(call: ApiCall, name: string): number | null {
  const text = call.query.get(name) ?? '';
  if (text === '') return null;
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new ApiRefusal(422, `parsing time ${JSON.stringify(text)}`);
  return Math.floor(at / 1_000) || null;
}

function linkHeader(call: ApiCall, page: number, lastPage: number): string {
  const url = (number: number): string => {
    const target = new URL(call.target, 'http://localhost');
    target.searchParams.set('page', String(number));
    return `${call.world.settings.rootUrl}${target.pathname}${target.search}`;
  };
  const links = [
    ...(page < lastPage ? [`<${url(page + 1)}>; rel="next"`, `<${url(lastPage)}>; rel="last"`] : []),
    ...(page > 1 ? [`<${url(1)}>; rel="first"`, `<${url(page - 1)}>; rel="prev"`] : []),
  ];
  return links.join(',');
}

/** A text of the body, or undefined where it was left out. */
export function optionalText(call: ApiCall, name: string): string | undefined {
  const value = call.body[name];
  return typeof value === 'string' ? value : undefined;
}

/** A text of the body, or 422 as Gitea's form binding answers. */
export function requiredText(call: ApiCall, name: string): string {
  const value = optionalText(call, name);
  if (value === undefined || value === '')
    throw new ApiRefusal(422, `[${name[0]?.toUpperCase()}${name.slice(1)}]: Required`);
  return value;
}

/** A list of the body, or undefined where it was left out. */
export function optionalList(call: ApiCall, name: string): readonly unknown[] | undefined {
  const value = call.body[name];
  return Array.isArray(value) ? (value as readonly unknown[]) : undefined;
}
