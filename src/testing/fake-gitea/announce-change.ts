import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { FakeComment, FakeIssue, FakeReview, FakeUser } from './fake-gitea.types.js';
import { representComment, representIssue, representPull } from './represent-issue.js';
import { representRepository, representUser } from './represent-repository.js';

/** Which kind of change it was: each has an event type of its own. */
export type ChangeKind = '' | '_assign' | '_label' | '_sync';

/** What else a payload says. */
export interface ChangeDetails {
  /** What was edited, and what it was before. */
  readonly changes?: Readonly<Record<string, { readonly from: string }>>;
  /** The commit that closed it. */
  readonly commitId?: string;
  /** Before and after a push. */
  readonly pushed?: { readonly before: string; readonly after: string };
}

/**
 * Tells the hooks that an issue or a pull request changed. `issues` is never sent for pull requests. The payload
 * names neither who was assigned nor which label was set (modules/structs/hook.go `IssuePayload`,
 * `PullRequestPayload`; go-gitea#28038, #28924).
 */
export function announceChange(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  kind: ChangeKind,
  action: string,
  sender: FakeUser,
  details: ChangeDetails = {},
): void {
  const { changes, commitId = '', pushed } = details;
  const { repository, pull } = issue;
  const start = { action, ...pushed, number: issue.number, ...(changes && { changes }) };
  const end = {
    repository: representRepository(world, repository, sender),
    sender: representUser(world, sender),
    commit_id: commitId,
  };
  if (pull) {
    const subject = { pull_request: representPull(world, issue, pull, sender), requested_reviewer: null };
    world.announce(repository, `pull_request${kind}`, { ...start, ...subject, ...end, review: null });
    return;
  }
  const eventType = kind === '' ? 'issues' : `issue${kind}`;
  world.announce(repository, eventType, { ...start, issue: representIssue(world, issue), ...end });
}

/** Tells the hooks of a comment. On a pull request the event is `issue_comment` too, with another event type. */
export function announceComment(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  comment: FakeComment,
  action: 'created' | 'edited' | 'deleted',
  sender: FakeUser,
  formerBody?: string,
): void {
  const { repository, pull } = issue;
  world.announce(repository, pull ? 'pull_request_comment' : 'issue_comment', {
    action,
    issue: representIssue(world, issue),
    ...(pull && { pull_request: representPull(world, issue, pull, sender) }),
    comment: representComment(world, issue, comment),
    ...(formerBody !== undefined && { changes: { body: { from: formerBody } } }),
    repository: representRepository(world, repository, sender),
    sender: representUser(world, sender),
    is_pull: pull !== null,
  });
}

/** The event type of each word on a change. */
const REVIEW_TYPES: Readonly<Partial<Record<FakeReview['state'], string>>> = {
  APPROVED: 'pull_request_review_approved',
  REQUEST_CHANGES: 'pull_request_review_rejected',
  COMMENT: 'pull_request_review_comment',
};

/**
 * Tells the hooks of a review that was submitted. The payload tells what it says as a whole, and neither its id nor its
 * remarks (services/webhook/notifier.go `PullRequestReview`, modules/structs/hook.go `ReviewPayload`).
 */
export function announceReview(world: FakeGiteaWorld, issue: FakeIssue, review: FakeReview, sender: FakeUser): void {
  const { repository, pull } = issue;
  const type = REVIEW_TYPES[review.state];
  if (!pull || type === undefined) return;
  world.announce(repository, type, {
    action: 'reviewed',
    number: issue.number,
    pull_request: representPull(world, issue, pull, sender),
    requested_reviewer: null,
    repository: representRepository(world, repository, sender),
    sender: representUser(world, sender),
    commit_id: '',
    review: { type, content: review.body },
  });
}
