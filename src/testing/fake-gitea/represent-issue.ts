import { repositoryPath } from './fake-gitea-paths.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { FakeComment, FakeIssue, FakePull, FakeStatus, FakeTimelineEntry, FakeUser } from './fake-gitea.types.js';
import { goTime } from './go-json.js';
import { representLabel, representRepository, representUser } from './represent-repository.js';

/**
 * `assignee` and `assignees` are null when there is none, never an empty list; `assignee` is the first of the list
 * and not the one just assigned (services/convert/issue.go `ToAPIIssue`; go-gitea#17097).
 */
function representAssignees(world: FakeGiteaWorld, issue: FakeIssue): Record<string, unknown> {
  const assignees = issue.assignees.map((user) => representUser(world, user));
  return { assignee: assignees[0] ?? null, assignees: assignees.length > 0 ? assignees : null };
}

/** An issue, or a pull request seen as one (modules/structs/issue.go `Issue`). */
export function representIssue(world: FakeGiteaWorld, issue: FakeIssue): Record<string, unknown> {
  const { rootUrl } = world.settings;
  const path = repositoryPath(issue.repository);
  const { pull, repository } = issue;
  const page = pageOf(world, issue);
  return {
    id: issue.id,
    url: `${rootUrl}/api/v1/repos/${path}/issues/${issue.number}`,
    html_url: page,
    number: issue.number,
    user: representUser(world, issue.author),
    original_author: '',
    original_author_id: 0,
    title: issue.title,
    body: issue.body,
    ref: '',
    assets: [],
    labels: issue.labels.map((label) => representLabel(world, repository, label)),
    milestone: null,
    ...representAssignees(world, issue),
    state: issue.state,
    is_locked: false,
    comments: issue.comments.length,
    created_at: goTime(issue.createdAt),
    updated_at: goTime(issue.updatedAt),
    closed_at: issue.closedAt === null ? null : goTime(issue.closedAt),
    due_date: null,
    // #35475.
    ...(world.isAtLeast(1, 25) && { time_estimate: 0 }),
    pull_request: pull && {
      merged: pull.mergedAt !== null,
      merged_at: pull.mergedAt === null ? null : goTime(pull.mergedAt),
      draft: isDraft(issue.title),
      html_url: page,
    },
    // The owner is a string here and an object everywhere else (modules/structs/issue.go `RepositoryMeta`).
    repository: { id: repository.id, name: repository.name, owner: repository.owner.login, full_name: path },
    pin_order: 0,
    // #37035.
    ...(world.isAtLeast(1, 26) && { content_version: 0 }),
    ...(world.isAtLeast(1, 27) && { projects: null }),
  };
}

/** A pull request (modules/structs/pull.go). */
export function representPull(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  pull: FakePull,
  viewer: FakeUser | null,
): Record<string, unknown> {
  const { repository } = issue;
  const page = pageOf(world, issue);
  const represented = representRepository(world, repository, viewer);
  const side = (branch: string, commit: string): Record<string, unknown> => ({
    label: branch,
    ref: branch,
    sha: commit,
    repo_id: repository.id,
    repo: represented,
  });
  const isMerged = pull.mergedAt !== null;
  return {
    id: pull.id,
    url: page,
    number: issue.number,
    user: representUser(world, issue.author),
    title: issue.title,
    body: issue.body,
    labels: issue.labels.map((label) => representLabel(world, repository, label)),
    milestone: null,
    ...representAssignees(world, issue),
    // Unlike an issue's, and unlike a list's, never null (services/convert/pull.go `ToAPIPullRequest`).
    assignees: issue.assignees.map((user) => representUser(world, user)),
    requested_reviewers: [],
    requested_reviewers_teams: [],
    state: issue.state,
    draft: isDraft(issue.title),
    is_locked: false,
    comments: issue.comments.length,
    review_comments: 0,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    mergeable: issue.state === 'open',
    merged: isMerged,
    merged_at: pull.mergedAt === null ? null : goTime(pull.mergedAt),
    merge_commit_sha: pull.mergeCommit,
    merged_by: pull.mergedBy && representUser(world, pull.mergedBy),
    allow_maintainer_edit: false,
    base: side(pull.baseBranch, pull.baseCommit),
    head: side(pull.headBranch, pull.headCommit),
    merge_base: pull.mergeBase,
    due_date: null,
    created_at: goTime(issue.createdAt),
    updated_at: goTime(issue.updatedAt),
    closed_at: issue.closedAt === null ? null : goTime(issue.closedAt),
    pin_order: 0,
    ...(world.isAtLeast(1, 26) && { content_version: 0 }),
  };
}

/** A pull request in a list, where people that there are none of are null again (services/convert/pull.go `ToAPIPullRequests`). */
export function representListedPull(...[world, issue, pull, viewer]: Parameters<typeof representPull>): object {
  return {
    ...representPull(world, issue, pull, viewer),
    ...representAssignees(world, issue),
    requested_reviewers: null,
    requested_reviewers_teams: null,
  };
}

/** A comment. `pull_request_url` is empty on issues and `issue_url` on pull requests. */
export function representComment(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  comment: FakeComment,
): Record<string, unknown> {
  const page = pageOf(world, issue);
  return {
    id: comment.id,
    html_url: `${page}#issuecomment-${comment.id}`,
    pull_request_url: issue.pull ? page : '',
    issue_url: issue.pull ? '' : page,
    user: representUser(world, comment.author),
    original_author: '',
    original_author_id: 0,
    body: comment.body,
    assets: [],
    created_at: goTime(comment.createdAt),
    updated_at: goTime(comment.updatedAt),
  };
}

/** A commit status. Asked for as `state`, answered as `status` (modules/structs/status.go). */
export function representStatus(world: FakeGiteaWorld, status: FakeStatus): Record<string, unknown> {
  return {
    id: status.id,
    status: status.state,
    target_url: status.targetUrl,
    description: status.description,
    url: '',
    context: status.context,
    creator: representUser(world, status.creator),
    created_at: goTime(status.createdAt),
    updated_at: goTime(status.createdAt),
  };
}

/**
 * One line of history. Only `assignees` lines say who was assigned or removed (services/convert/issue_comment.go
 * `ToTimelineComment`). A comment's line has the comment's own id and its newest text.
 */
export function representTimelineEntry(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  entry: FakeTimelineEntry,
): Record<string, unknown> {
  const page = pageOf(world, issue);
  const comment = issue.comments.find(({ id }) => id === entry.id);
  const [oldTitle, newTitle] = entry.titles;
  return {
    id: entry.id,
    type: entry.type,
    html_url: `${page}#issuecomment-${entry.id}`,
    pull_request_url: issue.pull ? page : '',
    issue_url: issue.pull ? '' : page,
    user: representUser(world, entry.by),
    body: comment?.body ?? entry.body,
    created_at: goTime(entry.at),
    updated_at: goTime(comment?.updatedAt ?? entry.at),
    old_project_id: 0,
    project_id: 0,
    old_milestone: null,
    milestone: null,
    tracked_time: null,
    old_title: oldTitle,
    new_title: newTitle,
    old_ref: '',
    new_ref: '',
    ref_issue: null,
    ref_comment: null,
    ref_action: 'none',
    ref_commit_sha: '',
    review_id: 0,
    label: entry.label && representLabel(world, issue.repository, entry.label),
    assignee: entry.assignee && representUser(world, entry.assignee),
    assignee_team: null,
    removed_assignee: entry.isRemoved,
    resolve_doer: null,
    dependent_issue: null,
  };
}

/** Where people read it. */
function pageOf(world: FakeGiteaWorld, { repository, pull, number }: FakeIssue): string {
  return `${world.settings.rootUrl}/${repositoryPath(repository)}/${pull ? 'pulls' : 'issues'}/${number}`;
}

function isDraft(title: string): boolean {
  return /^(WIP:|\[WIP\])/i.test(title);
}
