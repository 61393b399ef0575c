import { fieldsOf, integer, optionalFlag, optionalText, positive, type Fields } from './answer-fields.js';
import type {
  GiteaReview,
  PullRequestPicture,
  PullRequestReview,
  Reviewer,
  ReviewRemark,
} from './gitea-pulls.types.js';
import { isCommit } from './gitea-paths.js';
import { GiteaAnswerError } from './gitea.errors.js';
import { readUser } from './read-answer.js';

/** modules/structs/pull_review.go `ReviewStateType`. PENDING and REQUEST_REVIEW are no word on the change. */
const VERDICTS: Readonly<Record<string, PullRequestReview['verdict']>> = {
  APPROVED: 'approved',
  REQUEST_CHANGES: 'changes_requested',
  COMMENT: 'commented',
};

/**
 * A pull request. Gitea calls a merged one closed, and says beside it that it was merged.
 *
 * @throws {GiteaAnswerError} if it is another than was asked for, or neither open nor closed
 */
export function readPullPicture(answer: unknown, number: number): PullRequestPicture {
  const what = 'a pull request';
  const fields = fieldsOf(answer, what);
  const found = positive(fields, 'number', what);
  if (found !== number) {
    throw new GiteaAnswerError(`Gitea answered with pull request ${found} when asked for ${number}`);
  }
  const { state } = fields;
  if (state !== 'open' && state !== 'closed') {
    throw new GiteaAnswerError('Gitea answered with a pull request that is neither open nor closed');
  }
  const commits = { headCommit: commitIn(fields['head'], 'sha'), mergeBase: commitIn(fields, 'merge_base') };
  if (!optionalFlag(fields, 'merged')) return { state, mergedBy: null, ...commits };
  return { state: 'merged', mergedBy: accountIn(fields, 'merged_by')?.login ?? null, ...commits };
}

/** @throws {GiteaAnswerError} if it has no id */
export function readReview(answer: unknown): GiteaReview {
  const fields = fieldsOf(answer, 'a review');
  return {
    id: integer(fields, 'id', 'a review'),
    author: accountIn(fields, 'user'),
    verdict: VERDICTS[optionalText(fields, 'state')] ?? null,
    isDismissed: optionalFlag(fields, 'dismissed'),
    isStale: optionalFlag(fields, 'stale'),
    text: optionalText(fields, 'body'),
    remarkCount: integer(fields, 'comments_count', 'a review'),
  };
}

/**
 * A remark on a line. `position` is the line after the change, `original_position` that before it where it was deleted,
 * and the other of them is 0 (services/convert/pull_review.go `ToPullReviewCommentList`).
 *
 * @throws {GiteaAnswerError} if it has no id
 */
export function readReviewRemark(answer: unknown): ReviewRemark {
  const fields = fieldsOf(answer, 'a comment of a review');
  return {
    id: integer(fields, 'id', 'a comment of a review'),
    author: accountIn(fields, 'user'),
    path: optionalText(fields, 'path'),
    line: lineIn(fields, 'position') ?? lineIn(fields, 'original_position'),
    text: optionalText(fields, 'body'),
    isResolved: accountIn(fields, 'resolver') !== null,
  };
}

/** Null for what is no full commit id. */
function commitIn(holder: unknown, name: string): string | null {
  const commit = typeof holder === 'object' && holder !== null ? optionalText(holder as Fields, name) : '';
  return isCommit(commit) ? commit : null;
}

function lineIn(fields: Fields, name: string): number | null {
  const line = fields[name];
  return typeof line === 'number' && Number.isSafeInteger(line) && line > 0 ? line : null;
}

function accountIn(fields: Fields, name: string): Reviewer | null {
  const user = fields[name] ?? null;
  return user === null ? null : readUser(user);
}
