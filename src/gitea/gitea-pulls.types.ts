/** Who wrote something. The id stays when the account is renamed. */
export interface Reviewer {
  readonly id: number;
  readonly login: string;
}

/** A pull request as it is at this moment. */
export interface PullRequestPicture {
  /** *closed*: without being merged. */
  readonly state: 'open' | 'closed' | 'merged';
  /** Login of who merged it; null where it is not merged or nobody knows. */
  readonly mergedBy: string | null;
  /** The commit its branch is at, and the newest one that it has in common with its base branch; null for not known. */
  readonly headCommit: string | null;
  readonly mergeBase: string | null;
}

/** *gone*: it was deleted or the bot may not see it. *unknown*: there is no token to ask with. */
export type PullRequestReading =
  | { readonly kind: 'found'; readonly pullRequest: PullRequestPicture }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unknown' };

/** A review that was submitted. */
export interface PullRequestReview {
  readonly id: number;
  /** Null where the account is gone. */
  readonly author: Reviewer | null;
  readonly verdict: 'approved' | 'changes_requested' | 'commented';
  readonly isDismissed: boolean;
  /** Whether it is about an older commit than the newest. */
  readonly isStale: boolean;
  /** What it says as a whole; empty for nothing. */
  readonly text: string;
  /** How many remarks belong to it, answers to them among these. */
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
  readonly isResolved: boolean;
}

/** A review as Gitea has it: one that was submitted, or what Gitea keeps in the same list. */
export interface GiteaReview extends Omit<PullRequestReview, 'verdict'> {
  /** Null for a request to review and for one that was not submitted yet. */
  readonly verdict: PullRequestReview['verdict'] | null;
}
