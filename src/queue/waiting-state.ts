import type { Blocker } from './queue.types.js';

/** Whether something must still be finished before the job may start. */
export function isBlocked(job: { readonly blockers: readonly Blocker[] }): boolean {
  return job.blockers.some((blocker) => !blocker.isFinished);
}

/** The state of a job that waits for its turn: *pending* with an unfinished blocker, else *available*. */
export function waitingStateOf(job: { readonly blockers: readonly Blocker[] }): 'pending' | 'available' {
  return isBlocked(job) ? 'pending' : 'available';
}
