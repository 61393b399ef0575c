import type { IssueRef } from '../kernel/index.js';

/**
 * The part of an issue, or of a pull request, that a delivery shows. It was true when Gitea sent it: a hint, never the truth where Gitea can
 * be asked.
 */
export interface IssueSnapshot {
  readonly ref: IssueRef;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed';
  /** Logins. Empty where Gitea says null. */
  readonly assignees: readonly string[];
  readonly labels: readonly string[];
  /** RFC 3339, as Gitea wrote it; empty where it did not. */
  readonly updatedAt: string;
  /** Null where the delivery does not say (a comment of Gogs, say). */
  readonly defaultBranch: string | null;
}

/** One webhook request that was accepted: authentic, of interest, and well formed. */
export interface Delivery {
  /** Gitea's id of the delivery; where none was sent, `sha256:` and the digest of the body. */
  readonly id: string;
  /** What it is about, such as `issue_assign` (X-Gitea-Event-Type, or what event and action amount to). */
  readonly kind: string;
  /** What happened, such as `assigned`. */
  readonly action: string;
  /** The pull request where the kind says so: see `isPullRequestKind`. Both share one row of numbers. */
  readonly issue: IssueSnapshot;
  /** Login of who acted; empty where the delivery does not say. */
  readonly sender: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}
