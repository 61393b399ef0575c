import type { SessionRef, Spend } from '../../agents/index.js';
import type { IssueRef } from '../../kernel/index.js';
import type { Verdict } from '../../quality-gates/index.js';
import type { PullRequestLink } from './issue-tracker.port.js';
import type { ReviewFeedback } from './review-feedback.js';

export const RUN_OUTCOMES = ['in_review', 'retryable', 'needs_attention', 'cancelled', 'interrupted'] as const;
/** How a run ended. *interrupted*: the coordinator stopped or lost its lease; another run goes on. */
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** What one rejected round left, for people to read. Every text in it is bounded. */
export interface RejectedRound {
  /** Null where no commit could be made of the tree. */
  readonly commit: string | null;
  /** Why it was rejected, in one sentence. */
  readonly why: string;
  /** What failed, by gate and test; not all of many. */
  readonly failed: readonly string[];
  /** How much it had changed against the base commit; empty for nothing. */
  readonly changed: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The `place` of a job that has no workspace anywhere which may be gone on with. */
export const NOWHERE = 'nowhere';

/** Where work is kept that no gate has passed. */
export interface Draft {
  readonly branch: string;
  readonly commit: string;
}

/** What is known of a job's being stopped for a person, so that what the person does about it is seen. */
export interface Stop {
  /** The newest comment that was there before people could see the stop; null before that was looked at. */
  readonly lastRemark: number | null;
  /** When that was written, as a ReadMark has it; left out where it is not known. */
  readonly lastRemarkAt?: number | null;
  /** Whether the issue has shown the label of the stop: from then on its absence means that somebody took it away. */
  readonly isLabelled: boolean;
  /** The pull request that was closed without being merged, where that was the reason: opened again it is in review. */
  readonly closedPullRequest?: number;
}

/** What is known of the reviews of a job's pull requests. */
export interface ReviewRecord {
  /** The reviews that were looked at, by their id, with the ids of their comments: none of it is acted upon twice. */
  readonly seen: readonly { readonly id: number; readonly comments: readonly number[] }[];
  /** What people ask for that no published commit answers. Not empty in review: a round is about to begin. */
  readonly open: readonly ReviewFeedback[];
  /** Logins of those who approve the newest commit. */
  readonly approvedBy: readonly string[];
}

/** What of the progress says what became of a job's work after a run. */
export type Aftermath = Pick<
  JobProgress,
  'draft' | 'stop' | 'review' | 'pullRequest' | 'publishedCommit' | 'baseCommit' | 'place'
>;

/** What a job has to show so far. It outlives runs, sessions and restarts: no counter in it is ever reset by one. */
export interface JobProgress {
  readonly jobId: string;
  /** Null before the first workspace. */
  readonly baseCommit: string | null;
  readonly baseBranch: string | null;
  readonly branch: string | null;
  /** The last commit whose judgement began, if only to be cut off. */
  readonly gatedCommit: string | null;
  /** The last commit that was judged. */
  readonly headCommit: string | null;
  /** The last commit that was published. */
  readonly publishedCommit: string | null;
  /** The session to go on with; null when the next one is fresh. */
  readonly session: SessionRef | null;
  /** How often the gates rejected it. */
  readonly rejections: number;
  /** How often a session was compacted, and how often it was replaced by a fresh one. */
  readonly compactions: number;
  readonly handOvers: number;
  readonly spend: Spend;
  /** The highest occupancy seen; null when no runtime told one. */
  readonly peakTokens: number | null;
  readonly usedTokens: number | null;
  readonly usableTokens: number | null;
  readonly verdict: Verdict | null;
  readonly pullRequest: PullRequestLink | null;
  /**
   * How many runs in a row began and were cut off before there was anything new to judge; the present one counts until
   * there is.
   */
  readonly startsWithoutProgress: number;
  /** How many prompts its agents were given. */
  readonly turns: number;
  /** How long its runs took, all together, in milliseconds. */
  readonly workedMs: number;
  /** What its rejected rounds left, oldest first; not all of many. See `fingerprintOf`. */
  readonly fingerprints: readonly string[];
  /** Its rejected rounds, oldest first, those before a fresh start too; not all of many. */
  readonly rounds: readonly RejectedRound[];
  /** Null when everything there is was published, or there is nothing. */
  readonly draft: Draft | null;
  /** Null unless a run ended with the job in need of a person. */
  readonly stop: Stop | null;
  /** Null before the first look at its pull request's reviews. */
  readonly review: ReviewRecord | null;
  /** How often reviews sent the work back since the last fresh start. */
  readonly reviewRounds: number;
  /** Where its workspace and session are kept: see `Workspaces.place`. Null before the first workspace. */
  readonly place: string | null;
  /** How often the gates may reject it, by the rules of its repository; null before they were read. */
  readonly maxRejections: number | null;
}

/** One attempt at a job. */
export interface RunRecord {
  readonly id: string;
  readonly jobId: string;
  readonly fencingToken: number;
  readonly profile: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: RunOutcome | null;
  /** Why it ended so, in one sentence. */
  readonly reason: string | null;
}

/** Where runs and the progress of jobs are kept. Every method is atomic and durable. */
export interface RunStore {
  /** The progress of a job; that of a job that never ran is all null and zero. */
  progress(jobId: string): Promise<JobProgress>;
  /**
   * Replaces the named fields.
   *
   * @throws {LeaseLostError} if the token is not the one of the running job
   */
  save(jobId: string, fencingToken: number, changes: Partial<Omit<JobProgress, 'jobId'>>): Promise<void>;
  /**
   * Adds to what the job has spent. Whoever holds it: what a run spent that has lost it was spent all the same. A job
   * that never ran keeps nothing but this.
   */
  addSpend(jobId: string, spend: Spend): Promise<void>;
  /**
   * Forgets base commit, counters, session (with its occupancy) and verdict of a job, for a person gave it a fresh
   * start. The other commits, branch, draft, pull request, spend, peak and the story of its rounds stay.
   */
  resetRounds(jobId: string): Promise<void>;
  /**
   * Begins a round for reviews: keeps what they ask for, counts the round, and forgets counters and verdict of the job,
   * for people have had their say. Commits, branch, session and pull request stay.
   */
  beginReviewRound(jobId: string, review: ReviewRecord): Promise<void>;
  /** The ids of the jobs whose pull request this is. A pull request is in the repository of the job's issue. */
  jobsOfPullRequest(pullRequest: IssueRef): Promise<readonly string[]>;
  /** Replaces the named fields, whoever holds the job: they say what became of the work after its run. */
  note(jobId: string, aftermath: Partial<Aftermath>): Promise<void>;
  /**
   * Notes the beginning of a run; ends those of the same job that never ended as *interrupted*. A run that has begun
   * already stays as it is.
   *
   * @throws {LeaseLostError} if a run of the same job has begun under a higher token; then nothing changes
   */
  start(run: Pick<RunRecord, 'id' | 'jobId' | 'fencingToken' | 'profile'>): Promise<void>;
  /** Notes the end of a run. One that has ended stays as it ended, and an unknown one changes nothing. */
  end(runId: string, outcome: RunOutcome, reason: string): Promise<void>;
  /** Newest first. */
  runs(jobId: string): Promise<readonly RunRecord[]>;
}

export const RUN_STORE = Symbol('RUN_STORE');
