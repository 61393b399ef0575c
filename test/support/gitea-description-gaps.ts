import type { Schema } from './gitea-description.js';

/**
 * Where Gitea's description of its own REST interface is wrong or silent, and what its source does. The description
 * calls nothing nullable, although a Go pointer or slice that is nil is written as `null`.
 */

/** Properties that are `null` at times (modules/structs: pointers and slices without `omitempty`). */
export const NULLABLE: Readonly<Record<string, readonly string[]>> = {
  // services/convert/issue.go `ToAPIIssue` sets each only where there is one.
  Issue: ['assignee', 'assignees', 'milestone', 'projects', 'closed_at', 'due_date', 'pull_request', 'repository'],
  // services/convert/pull.go: a head whose repository was deleted has none; lists have null for nobody.
  PullRequest: [
    'assignee',
    'assignees',
    'milestone',
    'requested_reviewers',
    'requested_reviewers_teams',
    'merged_at',
    'merge_commit_sha',
    'merged_by',
    'closed_at',
    'due_date',
  ],
  PRBranchInfo: ['repo'],
  PullRequestMeta: ['merged_at'],
  // services/convert/pull_review.go: `user` is null where a team was asked, `team` where a person was.
  PullReview: ['user', 'team'],
  PullReviewComment: ['user', 'resolver'],
  Milestone: ['closed_at', 'due_on'],
  // services/convert/issue_comment.go `ToTimelineComment`.
  TimelineComment: [
    'old_milestone',
    'milestone',
    'tracked_time',
    'ref_issue',
    'ref_comment',
    'label',
    'assignee',
    'assignee_team',
    'resolve_doer',
    'dependent_issue',
  ],
  Repository: ['topics', 'licenses'],
  // services/convert/convert.go `ToTeams`, where organisations are not asked for.
  Team: ['organization'],
  CommitStatus: ['creator'],
  CombinedStatus: ['repository', 'statuses'],
  // modules/structs/repo_file.go: pointers; `content` and `encoding` of directories, the last commit of older versions.
  ContentsResponse: [
    'content',
    'encoding',
    'target',
    'submodule_git_url',
    'url',
    'html_url',
    'git_url',
    'download_url',
  ],
  FileCommitResponse: ['parents', 'tree', 'author', 'committer'],
  FileResponse: ['content', 'verification'],
  FileDeleteResponse: ['content', 'verification'],
  PayloadCommit: ['verification', 'added', 'removed', 'modified'],
  PayloadCommitVerification: ['signer'],
};

/** Operations whose whole answer is `null` at times. */
export const NULL_ANSWERS: readonly string[] = [
  // services/convert/status.go `ToCombinedStatus`, of a commit without statuses.
  'GET /repos/{owner}/{repo}/commits/{ref}/status',
];

/**
 * Properties that are left out at times: `omitempty` in modules/structs, and what came with a later version than the
 * one that answers.
 */
export const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  Issue: ['projects', 'content_version', 'time_estimate'],
  // Not in Forgejo 10 and not in what is known of Gitea 1.26.
  Hook: ['name'],
  Team: ['visibility'],
  PullRequest: ['additions', 'deletions', 'changed_files', 'content_version'],
  Repository: [
    'parent',
    'permissions',
    'internal_tracker',
    'external_tracker',
    'external_wiki',
    'repo_transfer',
    // Not in what gitea.com answered as 1.26.0+dev-489.
    'allow_merge_update',
    'branch_count',
    'default_target_branch',
    'default_update_style',
    'mirror_last_sync_at',
  ],
  ContentsResponse: [
    'last_commit_sha',
    'last_committer_date',
    'last_author_date',
    'last_commit_message',
    'lfs_oid',
    'lfs_size',
  ],
};

/** Properties that are written and not described. */
export const UNDESCRIBED: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  // modules/structs/user.go `MarshalJSON` writes the login a second time, for older clients.
  User: { username: { type: 'string' } },
  // Up to 1.23 a 404 carries them (services/context/api.go `NotFound`).
  APIError: { errors: {} },
  // Up to 1.25 the only spelling, and taken since (services/forms/repo_form.go `UnmarshalJSON`, #37214).
  MergePullRequestOption: { Do: { type: 'string' } },
};

/** Properties that are called required and are not. */
export const OPTIONAL_AFTER_ALL: Readonly<Record<string, readonly string[]>> = {
  // `Do` stands in for it.
  MergePullRequestOption: ['do'],
};

/** Answers that are given and not described, by status; null for one without a body. */
export const ADDED_ANSWERS: Readonly<Record<string, Readonly<Record<number, Schema | null>>>> = {
  // routers/api/v1/repo/issue_dependency.go `RemoveIssueDependency` and `RemoveIssueBlocking` answer 201.
  'DELETE /repos/{owner}/{repo}/issues/{index}/dependencies': { 201: { $ref: 'Issue' } },
  'DELETE /repos/{owner}/{repo}/issues/{index}/blocks': { 201: { $ref: 'Issue' } },
};

/** Refusals that are given and not described. */
export const REFUSALS = {
  /** Tokens, scopes, things that are not there, bodies that cannot be read, inner failures; and what a proxy answers. */
  everywhere: [401, 403, 404, 422, 429, 500, 502, 503, 504],
  of: {
    // routers/api/v1/repo/issue_dependency.go `getFormIssue`.
    'POST /repos/{owner}/{repo}/issues/{index}/dependencies': [400, 423],
    'DELETE /repos/{owner}/{repo}/issues/{index}/dependencies': [400, 423],
    'POST /repos/{owner}/{repo}/issues/{index}/blocks': [400, 423],
    'DELETE /repos/{owner}/{repo}/issues/{index}/blocks': [400, 423],
    // routers/api/v1/repo/issue_label.go: ids and names mixed.
    'POST /repos/{owner}/{repo}/issues/{index}/labels': [400],
    'PUT /repos/{owner}/{repo}/issues/{index}/labels': [400],
    // routers/api/v1/repo/teams.go `ListTeams`: no organisation owns the repository.
    'GET /repos/{owner}/{repo}/teams': [405],
    // `content_version`, from 1.26 (#37035).
    'PATCH /repos/{owner}/{repo}/issues/{index}': [409],
  } as Readonly<Record<string, readonly number[]>>,
  /** `ctx.Status(403)` and some 404s have none. */
  withoutBody: [403, 404, 422],
};
