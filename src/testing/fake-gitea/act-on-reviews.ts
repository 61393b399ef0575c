import { announceComment, announceReview } from './announce-change.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import { FakeGiteaError } from './fake-gitea.errors.js';
import type { FakeIssue, FakeReview, FakeReviewRemark, FakeUser } from './fake-gitea.types.js';

/** What a review that is being submitted says. */
export interface ReviewStart {
  readonly state: 'APPROVED' | 'REQUEST_CHANGES' | 'COMMENT';
  readonly body: string;
  readonly remarks: readonly Pick<FakeReviewRemark, 'path' | 'line' | 'body'>[];
}

/** Submits a review. Every review makes one event, by its state (services/pull/review.go `SubmitReview`). */
export function submitReview(world: FakeGiteaWorld, issue: FakeIssue, start: ReviewStart, by: FakeUser): FakeReview {
  const { pull } = issue;
  if (!pull) throw new FakeGiteaError(`#${issue.number} is no pull request`);
  const review: FakeReview = {
    id: world.newId(),
    author: by,
    state: start.state,
    body: start.body,
    commit: pull.headCommit,
    isDismissed: false,
    remarks: [],
    submittedAt: world.now(),
  };
  for (const remark of start.remarks) addRemark(world, review, remark, by);
  pull.reviews.push(review);
  issue.updatedAt = world.now();
  announceReview(world, issue, review, by);
  return review;
}

/** What somebody has begun to write and not submitted: seen by nobody else, and told to nobody. */
export function beginReview(world: FakeGiteaWorld, issue: FakeIssue, body: string, by: FakeUser): FakeReview {
  const { pull } = issue;
  if (!pull) throw new FakeGiteaError(`#${issue.number} is no pull request`);
  const review: FakeReview = {
    id: world.newId(),
    author: by,
    state: 'PENDING',
    body,
    commit: pull.headCommit,
    isDismissed: false,
    remarks: [],
    submittedAt: world.now(),
  };
  pull.reviews.push(review);
  return review;
}

/**
 * Answers in the conversation of a review: the answer belongs to that review, whoever writes it, and the event is that of
 * a comment (services/pull/review.go `CreateCodeComment`).
 */
export function answerReview(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  review: FakeReview,
  remark: Pick<FakeReviewRemark, 'path' | 'line' | 'body'>,
  by: FakeUser,
): FakeReviewRemark {
  const added = addRemark(world, review, remark, by);
  const { id, body, createdAt } = added;
  announceComment(world, issue, { id, author: by, body, createdAt, updatedAt: createdAt }, 'created', by);
  return added;
}

function addRemark(
  world: FakeGiteaWorld,
  review: FakeReview,
  { path, line, body }: Pick<FakeReviewRemark, 'path' | 'line' | 'body'>,
  by: FakeUser,
): FakeReviewRemark {
  const remark = { id: world.newId(), author: by, path, line, body, resolver: null, createdAt: world.now() };
  review.remarks.push(remark);
  return remark;
}
