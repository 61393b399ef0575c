import { CodedError } from '../kernel/index.js';

/** The job is not in the state the caller expected: somebody else changed it first. Read it again. */
export class JobChangedError extends CodedError<'QUEUE_JOB_CHANGED'> {
  override readonly code = 'QUEUE_JOB_CHANGED';
}

/** The caller no longer holds the job's lease. It must stop, and may write nothing more. */
export class LeaseLostError extends CodedError<'QUEUE_LEASE_LOST'> {
  override readonly code = 'QUEUE_LEASE_LOST';

  constructor(jobId: string, fencingToken: number) {
    super(`The lease of ${jobId} under token ${fencingToken} is lost: stop working on it`);
  }
}

/** No job has this id. */
export class UnknownJobError extends CodedError<'QUEUE_JOB_UNKNOWN'> {
  override readonly code = 'QUEUE_JOB_UNKNOWN';
}

/** The rows of a job's history do not follow from one another: some are lost, or were not written by a job store. */
export class HistoryBrokenError extends CodedError<'QUEUE_HISTORY_BROKEN'> {
  override readonly code = 'QUEUE_HISTORY_BROKEN';
}

/** Options of the queue that are out of range. Thrown while the module starts. */
export class InvalidQueueOptionsError extends CodedError<'QUEUE_OPTIONS_INVALID'> {
  override readonly code = 'QUEUE_OPTIONS_INVALID';
}
