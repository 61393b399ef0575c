import { CodedError } from '../kernel/index.js';

/**
 * The states of a job.
 *
 * - *pending*: waits for other jobs. Left when the last blocker is finished.
 * - *available*: may be claimed. Left by a claim.
 * - *running*: one holder has the lease and works. Left by that holder, by a person (cancel), or when the lease ends.
 * - *retryable*: failed for a reason that may pass; waits for its time.
 * - *in_review*: the pull request is open. Left when it is merged or closed, its issue is, or reviews send it back.
 * - *completed*: its issue is finished. Frees what it blocked. Left when the issue is opened again.
 * - *needs_attention*: a person must act; the job's reason says how.
 * - *cancelled*: the bot is no longer assigned, or the issue was closed before the work was done.
 */
export const JOB_STATES = [
  'pending',
  'available',
  'running',
  'retryable',
  'in_review',
  'completed',
  'needs_attention',
  'cancelled',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** The states of a job whose work is not over. */
export const UNSETTLED_STATES = [
  'pending',
  'available',
  'running',
  'retryable',
  'in_review',
  'needs_attention',
] as const satisfies readonly JobState[];

/** The states in which unfinished blockers hold a job up: it has not started, and cannot before they are finished. */
export const WAITING_STATES = ['pending', 'retryable', 'needs_attention'] as const satisfies readonly JobState[];

/** Every legal move. docs/job-states.md draws it, and a test compares the two. */
export const NEXT_STATES: Readonly<Record<JobState, readonly JobState[]>> = {
  pending: ['available', 'completed', 'needs_attention', 'cancelled'],
  available: ['pending', 'running', 'completed', 'needs_attention', 'cancelled'],
  running: ['pending', 'available', 'retryable', 'in_review', 'completed', 'needs_attention', 'cancelled'],
  retryable: ['pending', 'available', 'completed', 'needs_attention', 'cancelled'],
  in_review: ['pending', 'available', 'completed', 'needs_attention', 'cancelled'],
  completed: ['pending', 'available', 'cancelled'],
  needs_attention: ['pending', 'available', 'in_review', 'completed', 'cancelled'],
  cancelled: ['pending', 'available'],
};

/** A move that the table of states does not know. A fault of the caller. */
export class IllegalJobMoveError extends CodedError<'QUEUE_MOVE_ILLEGAL'> {
  override readonly code = 'QUEUE_MOVE_ILLEGAL';
}

/** @throws {IllegalJobMoveError} if no arrow leads from one state to the other */
export function assertLegalMove(from: JobState, to: JobState): void {
  if (!NEXT_STATES[from].includes(to)) throw new IllegalJobMoveError(`A job cannot go from ${from} to ${to}`);
}
