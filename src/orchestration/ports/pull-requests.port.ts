import type { IssueRef } from '../../kernel/index.js';

/** An account that wrote a review or a remark. The id stays when it is renamed. */
export interface Reviewer {
  readonly id: number;
  readonly login: string;
}

/** A pull request as the tracker has it at this moment. */
export interface PullRequestPicture {
  /** *closed*: without being merged. */
  readonly state: 'open' | 'closed' | 'merged';
  /** Login of who merged it; null where it is not merged or nobody knows. */
  readonly mergedBy: string | null;
  /** The commit its branch is at, and the newest one that it has in common with its base branch; null for not known. */
  readonly headCommit: string | null;
  readonly mergeBase: string | null;
}

/** *gone*: it was deleted or the bot may not see it. *unknown*: the tracker cannot be asked. */
export type PullRequestReading =
  | { readonly kind: 'found'; readonly pullRequest: PullRequestPicture }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unknown' };

/** A review that was submitted. */
export interface PullRequestReview {
  /** One review keeps it for ever, and no other has it. */
  readonly id: number;
  /** Null where the account is gone. */
  readonly author: Reviewer | null;
  readonly verdict: 'approved' | 'changes_requested' | 'commented';
  /** Whether somebody said that it no longer counts. */
  readonly isDismissed: boolean;
  /** Whether it is about an older commit than the newest. */
  readonly isStale: boolean;
  /** What it says as a whole; empty for nothing. */
  readonly text: string;
  /** How many remarks belong to it, answers to them among these. Grows when somebody answers. */
  readonly remarkCount: number;
}

/** A remark of a review on one line of the change, or an answer to one. */
export interface ReviewRemark {
  readonly id: number;
  /** Not always who wrote the review. Null where the account is gone. */
  readonly author: Reviewer | null;
  readonly path: string;
  /** Null where the line is not known; of a deleted line, its number before the change. */
  readonly line: number | null;
  readonly text: string;
  /** Whether somebody said that it is settled. */
  readonly isResolved: boolean;
}

/** The pull requests of the tracker, as orchestration follows them. All throw a coded error when it gets no answer. */
export interface PullRequests {
  readPullRequest(ref: IssueRef): Promise<PullRequestReading>;
  /** Every review that was submitted, oldest first. Never the bot's own. */
  reviewsOf(ref: IssueRef): Promise<readonly PullRequestReview[]>;
  /** Every remark of one review, the bot's own too, oldest first. */
  remarksOf(ref: IssueRef, reviewId: number): Promise<readonly ReviewRemark[]>;
}

/** The default: there is no tracker to ask. */
export const UNKNOWN_PULL_REQUESTS: PullRequests = {
  readPullRequest: async () => ({ kind: 'unknown' }),
  reviewsOf: async () => [],
  remarksOf: async () => [],
};
