import { repositoryPath } from './fake-gitea-paths.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { FakeIssue, FakePull, FakeReview, FakeReviewRemark } from './fake-gitea.types.js';
import { goTime } from './go-json.js';
import { representUser } from './represent-repository.js';

/** A review (modules/structs/pull_review.go `PullReview`, services/convert/pull_review.go `ToPullReview`). */
export function representReview(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  pull: FakePull,
  review: FakeReview,
): Record<string, unknown> {
  const page = pageOf(world, issue);
  return {
    id: review.id,
    user: representUser(world, review.author),
    team: null,
    state: review.state,
    body: review.body,
    commit_id: review.commit,
    stale: review.commit !== pull.headCommit,
    official: world.may(review.author, 'write', issue.repository),
    dismissed: review.isDismissed,
    comments_count: review.remarks.length,
    submitted_at: goTime(review.submittedAt),
    updated_at: goTime(review.submittedAt),
    html_url: `${page}#issuecomment-${review.id}`,
    pull_request_url: page,
  };
}

/** A remark of a review. The line after the change is `position`; that of a deleted one is `original_position`. */
export function representReviewRemark(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  review: FakeReview,
  remark: FakeReviewRemark,
): Record<string, unknown> {
  const page = pageOf(world, issue);
  return {
    id: remark.id,
    body: remark.body,
    user: representUser(world, remark.author),
    resolver: remark.resolver && representUser(world, remark.resolver),
    pull_request_review_id: review.id,
    created_at: goTime(remark.createdAt),
    updated_at: goTime(remark.createdAt),
    path: remark.path,
    commit_id: review.commit,
    original_commit_id: '',
    diff_hunk: '',
    position: remark.line > 0 ? remark.line : 0,
    original_position: remark.line < 0 ? -remark.line : 0,
    html_url: `${page}#issuecomment-${remark.id}`,
    pull_request_url: page,
  };
}

function pageOf(world: FakeGiteaWorld, { repository, number }: FakeIssue): string {
  return `${world.settings.rootUrl}/${repositoryPath(repository)}/pulls/${number}`;
}
