import type { IssueRef } from '../kernel/index.js';
import type { JobState } from './job-states.js';
import type {
  Actor,
  ClaimRequest,
  Job,
  JobChange,
  JobDraft,
  JobEvent,
  JobFilter,
  JobMove,
  JobMoveChange,
  JobPage,
} from './queue.types.js';

/**
 * Where jobs live. Every method is atomic and durable: two callers never claim one job, and what a method answered
 * survives a crash. Times are the store's own clock. A moment that has been reached counts as passed.
 *
 * *pending* and *available* are one question, which the store alone answers: a job that asks to be either is *pending*
 * while it has an unfinished blocker, else *available*. What a method returns is a picture of that moment: it does not
 * change with the store, and changing it changes nothing.
 *
 * Whoever changes a state is named, where the caller says who it was: followers are put down to whom they follow. With
 * each change of state its row of the history is written, in the same step: replaying the rows gives all jobs' states.
 */
export interface JobStore {
  /**
   * Creates the job of an issue, *available* or, with an unfinished blocker, *pending*. Where the issue has one
   * already, its title, profile, priority, blockers and details are replaced; its state stays, but for *pending* and
   * *available*, which follow the blockers. The reason is that of a change of state, and unused without one.
   *
   * What the draft says of a blocker is the freshest truth and replaces what was known of it for this job. A blocker
   * named twice is one, and finished only if both say so. Blockers come back in any order.
   */
  put(draft: JobDraft, reason: string, by?: Actor | null): Promise<JobChange>;
  find(jobId: string): Promise<Job | undefined>;
  /** In the order: priority (highest first), then issue number, then id. */
  list(filter: JobFilter): Promise<readonly Job[]>;
  /**
   * The first jobs whose work is not over (`UNSETTLED_STATES`) and whose ids come after this one, in the order of their ids. One
   * that cannot be read is left out, and those behind it are not. For going through very many: each page is a picture of
   * its own moment, and nobody waits for all of them.
   *
   * @param after null to begin with the first
   * @param limit how many are looked at
   */
  unsettled(after: string | null, limit: number): Promise<JobPage>;
  /**
   * Changes a job's state, and tells which others changed with it. To *completed* also finishes it as a blocker of
   * others, and frees the pending ones it was the last for, unless the move says that it still blocks; away from
   * *completed* undoes that, so that available ones become pending. Either changes no other state: what has started
   * goes on.
   *
   * A move to *pending* or *available* ends in the one of them that the blockers call for. Where the job is in that
   * one already, nothing is written. A holder that moves its running job ends its lease. Anybody else leaves it, for the
   * agent may still live: see `release`. Nothing but a claim makes a job *running*. The conditions below are looked at in
   * their order.
   *
   * @throws {UnknownJobError} if there is no such job
   * @throws {LeaseLostError} if `fencingToken` is given and the job does not run, or runs under another token. A lease
   *   that has ended and that nobody took away still counts
   * @throws {JobChangedError} if it is in none of the states of `from`
   * @throws {IllegalJobMoveError} if the table of states does not know the move from its state to `to`, or `to` is
   *   *running*
   */
  move(move: JobMove): Promise<JobMoveChange>;
  /**
   * Claims the most urgent available job that no limit and no lease of another holder holds back, or returns undefined.
   * Readiness is looked at inside the claim. Order: priority (highest first), then the repository with the fewest
   * running jobs, then issue number, then id. The claimed job is *running* with a fencing token one higher, and a reason
   * that names the holder, who is who changed it.
   * Every running job counts against the limits, whoever holds it and whether its lease has ended or not.
   */
  claim(request: ClaimRequest): Promise<Job | undefined>;
  /**
   * Makes a lease end `leaseMs` from now. False when the token is stale, the job no longer runs or there is none: the
   * caller must stop. A lease that has ended and that nobody took away can still be renewed. That of a job that was taken
   * from its holder is made longer too, as its agent still lives.
   */
  renew(jobId: string, fencingToken: number, leaseMs: number): Promise<boolean>;
  /** Ends the lease of a job that was taken from its holder: what it ran is over. Under any other token nothing happens. */
  release(jobId: string, fencingToken: number): Promise<void>;
  /**
   * Says of an issue, whether it has a job or not, that it is finished or unfinished as a blocker of the jobs that
   * name it. Returns those whose state that changed (pending to available or back), with a reason that names the issue.
   *
   * @param issueId the issue's key
   */
  settleBlocker(issueId: string, isFinished: boolean, by?: Actor | null): Promise<readonly JobChange[]>;
  /** Each unfinished blocker once that is named by a job neither completed nor cancelled, for looking them up elsewhere. */
  unfinishedBlockers(): Promise<readonly IssueRef[]>;
  /** Makes retryable jobs whose time has come available (or pending). Returns them. */
  promoteDue(by?: Actor | null): Promise<readonly JobChange[]>;
  /**
   * Makes running jobs whose lease has ended, or whose holder is named as dead, available (or pending) again, and ends
   * their leases, and those of jobs that were taken from the dead. Returns what it reopened. Their fencing tokens stay,
   * and grow with the next claim.
   */
  reopenAbandoned(deadHolders: readonly string[], reason: string, by?: Actor | null): Promise<readonly JobChange[]>;
  /** Every state is named, if with zero. */
  countByState(): Promise<Readonly<Record<JobState, number>>>;
  /** One row for each change of state, oldest first, sequences growing; none for a job that does not exist. */
  history(jobId: string): Promise<readonly JobEvent[]>;
}

export const JOB_STORE = Symbol('JOB_STORE');
