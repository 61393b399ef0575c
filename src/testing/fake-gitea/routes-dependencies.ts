import { addDependency, removeDependency } from './act-on-issues.js';
import {
  issueOf,
  refuseArchived,
  repositoryOf,
  requireUser,
  type ApiAnswer,
  type ApiCall,
  type ApiRoute,
} from './api-call.js';
import { ApiRefusal, innerFailure, notFound } from './fake-gitea.errors.js';
import type { FakeIssue, FakeRepository } from './fake-gitea.types.js';
import { representIssue } from './represent-issue.js';

const DEPENDENCIES = '/repos/:owner/:repo/issues/:index/dependencies';
const BLOCKS = '/repos/:owner/:repo/issues/:index/blocks';

/** What blocks what, as routers/api/v1/repo/issue_dependency.go answers for it. */
export const DEPENDENCY_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: DEPENDENCIES,
    scope: 'issue',
    // 404 where the repository has dependencies switched off. A count since 1.26.
    answer(call) {
      const repository = repositoryOf(call);
      if (!repository.hasDependencies) throw notFound();
      const issue = issueOf(call, repository);
      const limit = pageSize(call, call.world.settings.largestPageSize);
      const body = page(call, ownFirst(issue), limit).map((blocker) => representBlocker(call, repository, blocker));
      const headers = { 'X-Total-Count': String(issue.blockers.size) };
      return { status: 200, body, ...(call.world.isAtLeast(1, 26) && { headers }) };
    },
  },
  {
    method: 'GET',
    path: BLOCKS,
    scope: 'issue',
    // Works with dependencies switched off, leaves out what may not be read, has no total header, no upper limit,
    // and takes `limit=1` for the default.
    answer(call) {
      const issue = issueOf(call, repositoryOf(call));
      const limit = pageSize(call, Infinity);
      const readable = page(call, call.world.dependants(issue), limit <= 1 ? pageSize(call, 0) : limit).filter((one) =>
        call.world.may(call.user, 'read', one.repository),
      );
      return { status: 200, body: readable.map((one) => representIssue(call.world, one)) };
    },
  },
  {
    method: 'POST',
    path: DEPENDENCIES,
    scope: 'issue',
    answer: (call) => change(call, addDependency, 'issue depends on the other'),
  },
  {
    method: 'DELETE',
    path: DEPENDENCIES,
    scope: 'issue',
    readsBody: true,
    answer: (call) => change(call, removeDependency, 'issue depends on the other'),
  },
  {
    method: 'POST',
    path: BLOCKS,
    scope: 'issue',
    answer: (call) => change(call, addDependency, 'issue blocks the other'),
  },
  {
    method: 'DELETE',
    path: BLOCKS,
    scope: 'issue',
    readsBody: true,
    answer: (call) => change(call, removeDependency, 'issue blocks the other'),
  },
];

/**
 * Adding and removing. Success is 201 for both. "Exists already", "circular" and "not there" are all a 500 with an
 * empty message. An owner or name left out means another repository, compared with case.
 */
function change(
  call: ApiCall,
  act: (issue: FakeIssue, blocker: FakeIssue) => boolean,
  direction: 'issue depends on the other' | 'issue blocks the other',
): ApiAnswer {
  requireUser(call);
  const repository = repositoryOf(call);
  const issue = issueOf(call, repository);
  const other = otherIssue(call);
  const [dependant, blocker] = direction === 'issue depends on the other' ? [issue, other] : [other, issue];
  refuseArchived(repository);
  const isAllowed =
    dependant.repository.hasDependencies &&
    call.world.may(call.user, 'write', dependant.repository) &&
    call.world.may(call.user, 'read', blocker.repository);
  if (!isAllowed) throw notFound();
  if (!act(dependant, blocker)) throw innerFailure();
  return { status: 201, body: representIssue(call.world, issue) };
}

/** The issue of the body, which is an IssueMeta. The one 400 of these routes is a bare JSON string. */
function otherIssue(call: ApiCall): FakeIssue {
  const { index, owner = '', repo = '' } = call.body;
  const repository = [...call.world.repositories.values()].find(
    (one) => one.owner.login === owner && one.name === repo,
  );
  if (!repository) throw owner === '' ? new ApiRefusal(400, '', 'CrossRepositoryDependencies not enabled') : notFound();
  const issue = repository.issues.get(Number(index));
  if (!issue) throw notFound();
  return issue;
}

/**
 * A blocker that may not be read has number 0, also for those who may write here: what is kept for them lacks an author,
 * without which the whole entry is emptied (services/convert/issue.go `ToAPIIssue`).
 */
function representBlocker(call: ApiCall, repository: FakeRepository, blocker: FakeIssue): unknown {
  const represented = representIssue(call.world, blocker);
  if (call.world.may(call.user, 'read', blocker.repository)) return represented;
  if (call.world.may(call.user, 'write', repository))
    return { ...represented, id: 0, number: 0, title: '', body: '', state: '', repository: null };
  return { ...represented, id: 0, number: 0, title: 'HIDDEN', body: '', state: 'open', repository: null };
}

/** Those of the same repository first, and then the newest first (models/issues/issue.go `BlockedByDependencies`). */
function ownFirst(issue: FakeIssue): FakeIssue[] {
  const rank = ({ repository }: FakeIssue): number => (repository === issue.repository ? 0 : repository.id);
  return [...issue.blockers].sort((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt);
}

function pageSize(call: ApiCall, largest: number): number {
  const asked = Number(call.query.get('limit')) || 0;
  return largest > 0 && asked > 0 ? Math.min(asked, largest) : call.world.settings.defaultPageSize;
}

function page<T>(call: ApiCall, all: readonly T[], limit: number): readonly T[] {
  const number = Math.max(1, Number(call.query.get('page')) || 1);
  return all.slice((number - 1) * limit, number * limit);
}
