import type { IssueRef } from '../kernel/index.js';
import type { JobState } from './job-states.js';

/** An issue that must be finished before a job may start. */
export interface Blocker {
  readonly issue: IssueRef;
  readonly isFinished: boolean;
}

/** Who changed a job: a person whose act led to it, or a coordinator by itself, named as a holder of leases. */
export type Actor =
  { readonly kind: 'person'; readonly login: string } | { readonly kind: 'coordinator'; readonly holder: string };

/** What somebody wants queued. */
export interface JobDraft {
  readonly issue: IssueRef;
  readonly title: string;
  /**
   * Name of the agent profile that will do it; counts against that profile's limit. Empty while that is not settled: a
   * QueueService claims no such job.
   */
  readonly profile: string;
  /** Higher is claimed first. */
  readonly priority: number;
  readonly blockers: readonly Blocker[];
  /** What whoever queued it wants to find again, opaque to the queue. Plain JSON. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Who may work on a job, and until when. */
export interface Lease {
  /** Names the process that holds it. */
  readonly holder: string;
  /** Milliseconds since 1970, on the store's clock. Ended from that moment on. */
  readonly endsAt: number;
}

/** The queued work for one issue. There is one job an issue, for ever. */
export interface Job extends JobDraft {
  /** The issue's key: see `issueKey` in the kernel. */
  readonly id: string;
  readonly state: JobState;
  /** Why it is in this state, in one sentence. */
  readonly reason: string;
  /** Grows by one with each claim. What a holder writes carries it, and a stale one is refused. */
  readonly fencingToken: number;
  /**
   * That of a running job. One that was taken from its holder keeps it until that one has let go or it has ended: an agent
   * takes a moment to stop, and no other holder may claim the job meanwhile.
   */
  readonly lease: Lease | null;
  /** Only a retryable job has one: when it may be claimed again, in milliseconds since 1970 on the clock of leases. */
  readonly notBefore: number | null;
  /** Only a retryable job has one: of how many milliseconds that was. Where the clock was set back it waits at most twice as long. */
  readonly waitMs: number | null;
  /** How often it was claimed and failed since it last made progress. */
  readonly failures: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A change of a job's state. */
export interface JobMove {
  readonly jobId: string;
  /** The state it must be in, or one of them. Anything else is refused with JobChangedError. */
  readonly from: JobState | readonly JobState[];
  readonly to: JobState;
  /** Why, in one sentence. */
  readonly reason: string;
  /**
   * Whose act led to it, for the history.
   * @default null: a QueueService names itself, and a store nobody
   */
  readonly by?: Actor | null;
  /** Needed when the holder of a running job moves it: a stale token is refused with LeaseLostError. */
  readonly fencingToken?: number;
  /**
   * For *retryable* only: for how many milliseconds it may not be claimed. Measured by the store, as leases are: the clocks
   * of those who share it may differ.
   * @default 0
   */
  readonly waitMs?: number;
  /** Sets the count of failures. Left out, it stays. */
  readonly failures?: number;
  /**
   * For *completed* only: whether it goes on blocking others until `settleBlocker` says otherwise.
   * @default false: they are freed in the same step
   */
  readonly stillBlocks?: boolean;
}

/** A job as a change left it, and where it came from. */
export interface JobChange {
  readonly job: Job;
  /** The state before. Null when the change created the job; equal to the job's own when the state stayed. */
  readonly from: JobState | null;
}

/** A moved job, and the jobs that its move freed or blocked. */
export interface JobMoveChange extends JobChange {
  readonly followers: readonly JobChange[];
}

/** How much may run at once. */
export interface ClaimLimits {
  readonly global: number;
  readonly perRepository: number;
  /** By profile name. A profile that is not named has no limit of its own. */
  readonly perProfile: Readonly<Record<string, number>>;
}

export interface ClaimRequest {
  readonly holder: string;
  readonly leaseMs: number;
  readonly limits: ClaimLimits;
  /** Profiles nothing may be claimed for now, such as one whose key was refused. */
  readonly excludedProfiles?: readonly string[];
}

export interface JobFilter {
  /** Only jobs in these states. Left out, all. */
  readonly states?: readonly JobState[];
  /** Only jobs that were changed at that moment or after it, in milliseconds since 1970. Left out, all. */
  readonly changedSince?: number;
  /** At most so many, from the front. Left out, all. */
  readonly limit?: number;
}

/** A part of the jobs in the order of their ids. */
export interface JobPage {
  readonly jobs: readonly Job[];
  /** The id behind which the next one begins; null where this is the last. */
  readonly next: string | null;
}

/** One row of a job's history. */
export interface JobEvent {
  /** Grows with time, with gaps. */
  readonly sequence: number;
  readonly jobId: string;
  readonly at: number;
  /** Null for the first. */
  readonly from: JobState | null;
  readonly to: JobState;
  readonly reason: string;
  /** Null where nobody said, as in what a version before schema 12 wrote. */
  readonly by: Actor | null;
  /** The job's token after the change. */
  readonly fencingToken: number;
  /** The job's after the change. */
  readonly notBefore: number | null;
  /** The job's after the change; 0 in what a version before schema 12 wrote, but for the last row of each job. */
  readonly failures: number;
}
