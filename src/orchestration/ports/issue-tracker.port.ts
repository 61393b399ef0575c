import type { IssueRef } from '../../kernel/index.js';

/** An issue as the tracker has it at this moment. */
export interface TrackedIssue {
  readonly ref: IssueRef;
  readonly title: string;
  readonly body: string;
  /** Login of who opened it; null where that is not known. */
  readonly author: string | null;
  readonly state: 'open' | 'closed';
  /** Logins. */
  readonly assignees: readonly string[];
  readonly labels: readonly string[];
  /** The tracker's own links: what blocks this issue. */
  readonly blockedBy: readonly { readonly issue: IssueRef; readonly isFinished: boolean }[];
  /** How many links lead to blockers that the bot may not see, so that nobody can tell whether they are finished. */
  readonly hiddenBlockers: number;
  /** The tracker's own links: what this issue blocks. */
  readonly blocks: readonly IssueRef[];
  /** Where pull requests go; null when it is not known. */
  readonly defaultBranch: string | null;
}

/**
 * *gone*: it was deleted or the bot may not see it. *too-large*: it is there, and is more than the tracker can be asked
 * for. *unknown*: the tracker cannot be asked; believe what was delivered. Of one that was found it is said whether
 * anybody has commented on it: yes where the tracker does not count that.
 */
export type IssueReading =
  | { readonly kind: 'found'; readonly issue: TrackedIssue; readonly hasComments: boolean }
  | { readonly kind: 'gone' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'unknown' };

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

/** How far what was written on an issue, or done to it, was read. */
export interface ReadMark {
  /** Of the newest comment or act that was read; 0 for nothing. */
  readonly id: number;
  /** When that was, by the tracker's clock, in milliseconds since 1970; null where it is not known: then all is read. */
  readonly at: number | null;
}

/** What somebody wrote on an issue. */
export interface IssueRemark {
  /** Grows with every comment. */
  readonly id: number;
  /** When it was written, by the tracker's clock, in milliseconds since 1970; null where that is not known. */
  readonly at: number | null;
  /** Login. */
  readonly author: string;
  readonly text: string;
}

/** What was written on an issue since a mark. */
export interface RemarksReading {
  /** Oldest first, of anybody but the bot itself. */
  readonly remarks: readonly IssueRemark[];
  /** How far was read, the bot's own comments included; the mark itself where nothing is newer. */
  readonly readTo: ReadMark;
}

/**
 * The issue tracker as orchestration needs it. Every `ensure…` looks first, and repeating it changes nothing.
 * All throw a coded error when the tracker does not answer or refuses.
 */
export interface IssueTracker {
  /** Whether anything can be written to it. When not, every `ensure…` returns without a word. */
  readonly canWrite: boolean;
  readIssue(ref: IssueRef): Promise<IssueReading>;
  /** Every open issue assigned to the bot, or null when the tracker cannot be asked. Never a part of them. */
  assignedIssues(): Promise<readonly IssueRef[] | null>;
  /**
   * One comment of ours with this marker on the issue or pull request, saying this. Edited where it says something else.
   * Resolves with where people read it; null when nothing can be written.
   *
   * @param only *new*: one that stands there stays as it is. *standing*: where none stands there none is made, and null
   * is the answer
   */
  ensureComment(ref: IssueRef, marker: string, body: string, only?: 'new' | 'standing'): Promise<string | null>;
  /**
   * What was written on the issue or pull request after the mark; null when the tracker cannot be asked. On a public
   * repository anybody may comment: whoever acts on a remark asks first whether its author may steer the work. What is
   * before the mark is not read again, and whatever is too large to be read is passed over.
   */
  remarksAfter(ref: IssueRef, mark: ReadMark): Promise<RemarksReading | null>;
  /** Exactly one label of our scope, this one; created in the repository when missing. Null: none of them. */
  ensureStateLabel(ref: IssueRef, label: string | null): Promise<void>;
  /** One open pull request from the head branch to the base branch. */
  ensurePullRequest(ref: IssueRef, draft: PullRequestDraft): Promise<PullRequestLink>;
  /** The newest status of its context on the commit says this. */
  ensureCommitStatus(ref: IssueRef, commit: string, status: CommitStatus): Promise<void>;
}
