import type { Blocker, ClaimRequest, Job, JobDraft, JobEvent, JobFilter, JobMove } from './queue.types.js';

/**
 * Where jobs live. Every method is atomic and durable: two callers never claim one job, and what a method answered
 * survives a crash. Times are the store's own clock.
 */
export interface JobStore {
  /**
   * Creates the job of an issue, *available* or, with an unfinished blocker, *pending*. Where the issue has one
   * already, its title, profile, priority, blockers and details are replaced; its state stays, but for *pending* and
   * *available*, which follow the blockers.
   */
  put(draft: JobDraft, reason: string): Promise<{ readonly job: Job; readonly isNew: boolean }>;
  find(jobId: string): Promise<Job | undefined>;
  /** In claim order: priority (highest first), then issue number, then id. */
  list(filter: JobFilter): Promise<readonly Job[]>;
  /**
   * Changes a job's state. To *completed* also finishes it as a blocker of others, and frees them; away from
   * *completed* undoes that for those that have not started. A move to *available* of a job with an unfinished
   * blocker goes to *pending* instead.
   *
   * @throws {UnknownJobError} if there is no such job
   * @throws {JobChangedError} if it is in none of the states of `from`
   * @throws {LeaseLostError} if `fencingToken` is given and is not the job's, or its lease was taken away
   * @throws {IllegalJobMoveError} if the table of states does not know the move
   */
  move(move: JobMove): Promise<Job>;
  /**
   * Claims the most urgent available job that no limit holds back, or returns undefined. Readiness is looked at
   * inside the claim. Order: priority (highest first), then the repository with the fewest running jobs, then issue
   * number, then id. The claimed job is *running* with a fencing token one higher.
   */
  claim(request: ClaimRequest): Promise<Job | undefined>;
  /** Lengthens a lease. False when the token is stale or the job no longer runs: the caller must stop. */
  renew(jobId: string, fencingToken: number, leaseMs: number): Promise<boolean>;
  /** Says of an issue, whether it has a job or not, that it is finished or unfinished as a blocker. Returns the jobs whose state that changed. */
  settleBlocker(issueId: string, isFinished: boolean): Promise<readonly Job[]>;
  /** Every blocker some job names, for looking them up elsewhere. */
  unfinishedBlockers(): Promise<readonly Blocker[]>;
  /** Makes retryable jobs whose time has come available. Returns them. */
  promoteDue(): Promise<readonly Job[]>;
  /** Makes running jobs whose lease has ended, or whose holder is named as dead, available again. Returns them. */
  reopenAbandoned(deadHolders: readonly string[], reason: string): Promise<readonly Job[]>;
  countByState(): Promise<Readonly<Record<Job['state'], number>>>;
  history(jobId: string): Promise<readonly JobEvent[]>;
}

export const JOB_STORE = Symbol('JOB_STORE');
