import { deleteIssue, editTexts, openIssue, setAssignees } from './act-on-issues.js';
import {
  changedWithin,
  issueOf,
  optionalList,
  optionalText,
  paged,
  refuseArchived,
  repositoryOf,
  requireUser,
  requiredText,
  type ApiCall,
  type ApiRoute,
} from './api-call.js';
import { ApiRefusal, innerFailure, notFound } from './fake-gitea.errors.js';
import type { FakeIssue, FakeRepository, FakeUser } from './fake-gitea.types.js';
import { changeState } from './change-state.js';
import { representIssue, representTimelineEntry } from './represent-issue.js';

/** Issues, as routers/api/v1/repo/issue.go answers for them. */
export const ISSUE_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/repos/issues/search',
    scope: 'issue',
    answer(call) {
      const readable = [...call.world.repositories.values()].filter((one) => call.world.may(call.user, 'read', one));
      const isAssigned = call.query.get('assigned') === 'true';
      const found = readable
        .flatMap((repository) => [...repository.issues.values()])
        .filter((issue) => !isAssigned || (call.user !== null && issue.assignees.includes(call.user)))
        .filter((issue) => matches(call, issue));
      return paged(call, newestFirst(found), (issue) => representIssue(call.world, issue));
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/issues',
    scope: 'issue',
    answer(call) {
      const repository = repositoryOf(call);
      const found = [...repository.issues.values()]
        .filter((issue) => matches(call, issue))
        .filter(assigneeFilter(call))
        .filter(labelFilter(call, repository));
      return paged(call, newestFirst(found), (issue) => representIssue(call.world, issue));
    },
  },
  {
    method: 'POST',
    path: '/repos/:owner/:repo/issues',
    scope: 'issue',
    answer(call) {
      const repository = repositoryOf(call);
      const user = requireUser(call);
      refuseArchived(repository);
      const title = requiredText(call, 'title');
      // Without the right to write, assignees and labels are left out without a word (`CreateIssue`).
      const mayWrite = call.world.may(user, 'write', repository);
      const ids = mayWrite ? (optionalList(call, 'labels') ?? []) : [];
      const logins = mayWrite ? (optionalList(call, 'assignees') ?? []) : [];
      const start = {
        title,
        body: optionalText(call, 'body') ?? '',
        assignees: logins.map((login) => assignableUser(call, repository, login, 422)),
        labels: repository.labels.filter(({ id }) => ids.includes(id)),
      };
      const issue = openIssue(call.world, repository, start, user);
      return { status: 201, body: representIssue(call.world, issue) };
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/issues/:index',
    scope: 'issue',
    answer(call) {
      const issue = issueOf(call, repositoryOf(call));
      return { status: 200, body: representIssue(call.world, issue) };
    },
  },
  {
    method: 'PATCH',
    path: '/repos/:owner/:repo/issues/:index',
    scope: 'issue',
    answer(call) {
      const issue = issueOf(call, repositoryOf(call));
      editIssue(call, issue, requireUser(call));
      // 201, not 200 (`EditIssue`).
      return { status: 201, body: representIssue(call.world, issue) };
    },
  },
  {
    method: 'DELETE',
    path: '/repos/:owner/:repo/issues/:index',
    scope: 'issue',
    answer(call) {
      const issue = issueOf(call, repositoryOf(call, 'admin'));
      deleteIssue(call.world, issue, requireUser(call));
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/issues/:index/timeline',
    scope: 'issue',
    answer(call) {
      const issue = issueOf(call, repositoryOf(call));
      const updated = new Map(issue.comments.map(({ id, updatedAt }) => [id, updatedAt]));
      const found = changedWithin(call, issue.timeline, ({ id, at }) => updated.get(id) ?? at);
      const page = paged(call, found, (entry) => representTimelineEntry(call.world, issue, entry));
      // The count is that of the page, not of everything (`ListIssueCommentsAndTimeline`).
      const count = (page.body as readonly unknown[]).length;
      return { ...page, headers: { 'X-Total-Count': String(count) } };
    },
  },
];

/**
 * Title first, then body, then assignees, then state: not atomic, and a comment in the code says so. An assignee
 * that cannot be assigned is a 500 here, though a 422 on creation. Whoever is neither author nor may write gets a
 * 403 without a body (`EditIssue`).
 */
function editIssue(call: ApiCall, issue: FakeIssue, user: FakeUser): void {
  const mayWrite = call.world.may(user, 'write', issue.repository);
  if (!mayWrite && issue.author !== user) throw new ApiRefusal(403, 'forbidden', null);
  editTexts(call.world, issue, { title: optionalText(call, 'title'), body: optionalText(call, 'body') }, user);
  const logins = optionalList(call, 'assignees');
  if (logins && mayWrite) {
    const wanted = logins.map((login) => assignableUser(call, issue.repository, login, 500));
    setAssignees(call.world, issue, wanted, user);
  }
  const state = optionalText(call, 'state');
  if (state !== undefined) changeState(call, issue, state, user);
}

/** Who may read pull requests can be assigned (models/perm/access/repo_permission.go `CanBeAssigned`). */
function assignableUser(call: ApiCall, repository: FakeRepository, login: unknown, status: 422 | 500): FakeUser {
  const user = typeof login === 'string' ? call.world.users.get(login.toLowerCase()) : undefined;
  if (user && call.world.may(user, 'read', repository)) return user;
  if (status === 500) throw innerFailure();
  throw new ApiRefusal(
    422,
    user
      ? `user doesn't have access to repo [user_id: ${user.id}, repo_name: ${repository.name}]`
      : `Assignee does not exist: [name: ${String(login)}]`,
  );
}

function matches(call: ApiCall, issue: FakeIssue): boolean {
  const state = call.query.get('state') ?? 'open';
  const type = call.query.get('type');
  // Without a type pull requests are among the issues.
  const isType = type !== 'issues' && type !== 'pulls' ? true : (type === 'pulls') === (issue.pull !== null);
  return isType && (state === 'all' || issue.state === state);
}

function assigneeFilter(call: ApiCall): (issue: FakeIssue) => boolean {
  const login = call.query.get('assigned_by');
  if (!login) return () => true;
  const user = call.world.users.get(login.toLowerCase());
  if (!user) throw notFound();
  return (issue) => issue.assignees.includes(user);
}

/**
 * Names the repository does not have are dropped; when it has none of them there is no filter at all and every
 * issue comes back (`GetLabelIDsInRepoByNames`). Known names are all required (go-gitea#31119).
 */
function labelFilter(call: ApiCall, repository: FakeRepository): (issue: FakeIssue) => boolean {
  const asked = (call.query.get('labels') ?? '').split(',').filter(Boolean);
  const known = asked.filter((name) => repository.labels.some((label) => label.name === name));
  return (issue) => known.every((name) => issue.labels.some((label) => label.name === name));
}

function newestFirst(issues: readonly FakeIssue[]): FakeIssue[] {
  return [...issues].sort((a, b) => b.id - a.id);
}
