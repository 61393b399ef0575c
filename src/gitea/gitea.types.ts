import type { IssueRef } from '../kernel/index.js';

/** An issue as the tracker has it at this moment. */
export interface TrackedIssue {
  readonly ref: IssueRef;
  readonly title: string;
  readonly body: string;
  /** Login of who opened it; null where the account is gone. */
  readonly author: string | null;
  readonly state: 'open' | 'closed';
  /** Logins. */
  readonly assignees: readonly string[];
  readonly labels: readonly string[];
  /** What blocks this issue, by Gitea's own links. */
  readonly blockedBy: readonly { readonly issue: IssueRef; readonly isFinished: boolean }[];
  /** How many more block it that the bot may not see. */
  readonly hiddenBlockers: number;
  /** What this issue blocks, by Gitea's own links. */
  readonly blocks: readonly IssueRef[];
  /** Where pull requests go; null when it is not known. */
  readonly defaultBranch: string | null;
}

/**
 * *gone*: it was deleted, is a pull request, or the bot may not see it. *too-large*: it is there, and is more than is
 * read. *unknown*: there is no token to ask with. Of one that was found it is said whether anybody has commented on it:
 * yes where Gitea does not count that.
 */
export type IssueReading =
  | { readonly kind: 'found'; readonly issue: TrackedIssue; readonly hasComments: boolean }
  | { readonly kind: 'gone' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'unknown' };

/** What was written on an issue since a mark. */
export interface RemarksReading {
  /** Oldest first. */
  readonly remarks: readonly IssueRemark[];
  /** How far was read, the bot's own comments included. */
  readonly readTo: ReadMark;
}

export interface PullRequestDraft {
  readonly headBranch: string;
  readonly baseBranch: string;
  readonly title: string;
  readonly body: string;
}

export interface PullRequestLink {
  readonly number: number;
  readonly url: string;
}

export interface CommitStatus {
  /** What it is about, such as `mosaic/test`. The newest of a context counts. */
  readonly context: string;
  /** *warning*: it failed, and does not stand in the way. */
  readonly state: 'pending' | 'success' | 'failure' | 'error' | 'warning';
  readonly description: string;
  /** Where the evidence stands; null for nowhere. */
  readonly targetUrl: string | null;
}

/** The one issue must be finished before the other may start. */
export interface IssueLink {
  readonly blocker: IssueRef;
  readonly blocked: IssueRef;
}

/** *done*: it is so. *refused*: Gitea will not have it so until a person changes something. */
export type LinkOutcome = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly why: string };

/** An issue to open for a part of a larger one. */
export interface SubIssueDraft {
  readonly title: string;
  readonly body: string;
}

/** How far what was written on an issue, or done to it, was read. */
export interface ReadMark {
  /** Of the newest line or comment that was read; 0 for nothing. */
  readonly id: number;
  /** When it was written by Gitea's clock, in milliseconds since 1970; null where that is not known. */
  readonly at: number | null;
}

/** What somebody wrote on an issue. */
export interface IssueRemark {
  /** Grows with every comment. */
  readonly id: number;
  /** When it was written by Gitea's clock, in milliseconds since 1970; null where that is not known. */
  readonly at: number | null;
  /** Login. */
  readonly author: string;
  readonly text: string;
}

export interface GiteaUser {
  readonly id: number;
  readonly login: string;
}

export interface GiteaLabel {
  readonly id: number;
  readonly name: string;
}

/** What we read of an issue. Gitea sends far more. */
export interface GiteaIssue {
  readonly id: number;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  /** Who opened it; null where the account is gone. */
  readonly author: GiteaUser | null;
  readonly state: 'open' | 'closed';
  readonly assignees: readonly GiteaUser[];
  readonly labels: readonly GiteaLabel[];
  readonly isPullRequest: boolean;
  /** False where Gitea counts none. */
  readonly hasComments: boolean;
  /** Null where Gitea left it out. */
  readonly repository: { readonly owner: string; readonly name: string } | null;
}

export interface GiteaComment {
  readonly id: number;
  /** When it was written, in milliseconds since 1970; null where Gitea does not say. */
  readonly at: number | null;
  /** Null where its account is gone. */
  readonly author: GiteaUser | null;
  readonly body: string;
}

export interface GiteaPullRequest {
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly author: GiteaUser | null;
  readonly body: string;
  readonly headBranch: string;
  readonly baseBranch: string;
  /** Whether head and base are in one repository. Forks may have a branch of the same name. */
  readonly isFromSameRepository: boolean;
}

export interface GiteaCommitStatus {
  /** Grows with every status of one commit. */
  readonly id: number;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  /** Empty where there is none. */
  readonly targetUrl: string;
}

export interface GiteaRepository {
  readonly owner: string;
  readonly name: string;
  /** Null in an empty answer. */
  readonly defaultBranch: string | null;
}
