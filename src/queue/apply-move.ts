import { assertLegalMove, IllegalJobMoveError } from './job-states.js';
import { JobChangedError, LeaseLostError } from './queue.errors.js';
import type { Job, JobMove } from './queue.types.js';
import { waitingStateOf } from './waiting-state.js';

/**
 * The job after a move, by the rules of `JobStore.move`; the very same object where the move changes nothing.
 *
 * @param now milliseconds since 1970
 * @param leaseNow the same by the clock of leases, for a job that is to be tried again
 * @throws {LeaseLostError} if the move's token is not that of a running job
 * @throws {JobChangedError} if the job is in none of the states the move starts from
 * @throws {IllegalJobMoveError} if the table of states does not know the move, or it leads to *running*
 */
export function applyMove(job: Job, move: JobMove, now: number, leaseNow = now): Job {
  const { jobId, reason, fencingToken } = move;
  if (fencingToken !== undefined && (job.state !== 'running' || job.fencingToken !== fencingToken)) {
    throw new LeaseLostError(jobId, fencingToken);
  }
  const from = typeof move.from === 'string' ? [move.from] : move.from;
  if (!from.includes(job.state)) {
    throw new JobChangedError(`${jobId} is ${job.state}, not ${from.join(' or ')}: read it again`);
  }
  assertLegalMove(job.state, move.to);
  if (move.to === 'running') throw new IllegalJobMoveError(`Only a claim makes ${jobId} running`);

  const waits = move.to === 'pending' || move.to === 'available';
  const state = waits ? waitingStateOf(job) : move.to;
  if (state === job.state) return job;
  const waitMs = state === 'retryable' ? (move.waitMs ?? 0) : null;
  return {
    ...job,
    state,
    reason,
    lease: fencingToken === undefined ? job.lease : null,
    notBefore: waitMs === null ? null : leaseNow + waitMs,
    waitMs,
    failures: move.failures ?? job.failures,
    updatedAt: now,
  };
}
