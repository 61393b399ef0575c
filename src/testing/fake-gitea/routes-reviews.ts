import { submitReview, type ReviewStart } from './act-on-reviews.js';
import {
  issueOf,
  optionalList,
  optionalText,
  paged,
  repositoryOf,
  requireUser,
  type ApiCall,
  type ApiRoute,
} from './api-call.js';
import { ApiRefusal, notFound } from './fake-gitea.errors.js';
import type { FakeIssue, FakePull, FakeReview } from './fake-gitea.types.js';
import { representReview, representReviewRemark } from './represent-review.js';

const REVIEWS = '/repos/:owner/:repo/pulls/:index/reviews';

/** Reviews of pull requests, as routers/api/v1/repo/pull_review.go answers for them. */
export const REVIEW_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: REVIEWS,
    scope: 'repository',
    // What others have not submitted is left out after the page was cut, and counts in the total all the same.
    answer(call) {
      const { issue, pull } = pullOf(call);
      const page = paged(call, pull.reviews, (review) => review);
      const seen = (page.body as readonly FakeReview[]).filter((review) => maySee(call, review));
      return { ...page, body: seen.map((review) => representReview(call.world, issue, pull, review)) };
    },
  },
  {
    method: 'POST',
    path: REVIEWS,
    scope: 'repository',
    answer(call) {
      const { issue, pull } = pullOf(call);
      const user = requireUser(call);
      const state = optionalText(call, 'event');
      const body = optionalText(call, 'body') ?? '';
      const remarks = (optionalList(call, 'comments') ?? []).map(toRemark);
      if (issue.author === user && (state === 'APPROVED' || state === 'REQUEST_CHANGES')) {
        throw new ApiRefusal(422, `${state === 'APPROVED' ? 'approve' : 'reject'} your own pull is not allowed`);
      }
      const isEmpty = body.trim() === '' && (state === 'REQUEST_CHANGES' || remarks.length === 0);
      if (!isState(state)) throw new ApiRefusal(422, 'review stay pending');
      if (state !== 'APPROVED' && isEmpty) throw new ApiRefusal(422, `review event ${state} requires a body`);
      const review = submitReview(call.world, issue, { state, body, remarks }, user);
      return { status: 200, body: representReview(call.world, issue, pull, review) };
    },
  },
  {
    method: 'GET',
    path: `${REVIEWS}/:id/comments`,
    scope: 'repository',
    // Not paged, and by file and line, not by time (`ToPullReviewCommentList` walks maps).
    answer(call) {
      const { issue, pull } = pullOf(call);
      const review = pull.reviews.find(({ id }) => id === Number(call.param('id')));
      if (!review || !maySee(call, review)) throw notFound();
      const remarks = review.remarks.toSorted((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
      return { status: 200, body: remarks.map((remark) => representReviewRemark(call.world, issue, review, remark)) };
    },
  },
  {
    method: 'POST',
    path: `${REVIEWS}/:id/dismissals`,
    scope: 'repository',
    // For administrators of the repository, and for approvals and rejections alone (`dismissReview`).
    answer(call) {
      requireUser(call);
      const { issue, pull } = pullOf(call, 'admin');
      const review = pull.reviews.find(({ id }) => id === Number(call.param('id')));
      if (!review) throw notFound();
      if (review.state !== 'APPROVED' && review.state !== 'REQUEST_CHANGES') {
        throw new ApiRefusal(403, "not need to dismiss this review because it's type is not Approve or change request");
      }
      review.isDismissed = true;
      return { status: 200, body: representReview(call.world, issue, pull, review) };
    },
  },
];

function pullOf(call: ApiCall, level?: 'admin'): { readonly issue: FakeIssue; readonly pull: FakePull } {
  const issue = issueOf(call, repositoryOf(call, level));
  if (!issue.pull) throw notFound();
  return { issue, pull: issue.pull };
}

/** One that is not submitted is for who writes it (services/convert/pull_review.go `ToPullReviewList`). */
function maySee({ user }: ApiCall, { state, author }: FakeReview): boolean {
  return state !== 'PENDING' || user?.id === author.id || user?.isAdmin === true;
}

function isState(state: string | undefined): state is ReviewStart['state'] {
  return state === 'APPROVED' || state === 'REQUEST_CHANGES' || state === 'COMMENT';
}

function toRemark(given: unknown): ReviewStart['remarks'][number] {
  const { path = '', body = '', new_position: after = 0, old_position: before = 0 } = given as Record<string, unknown>;
  const line = Number(before) > 0 ? -Number(before) : Number(after);
  return { path: String(path), body: String(body), line };
}
