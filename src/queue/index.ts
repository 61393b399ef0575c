export { IllegalJobMoveError, JOB_STATES, NEXT_STATES, assertLegalMove, type JobState } from './job-states.js';
export { JOB_STORE, type JobStore } from './job-store.port.js';
export { InMemoryJobStore } from './in-memory-job-store.js';
export { applyMove } from './apply-move.js';
export { isBlocked, waitingStateOf } from './waiting-state.js';
export { InvalidQueueOptionsError, JobChangedError, LeaseLostError, UnknownJobError } from './queue.errors.js';
export type { JobMoved } from './queue.events.js';
export type {
  Blocker,
  ClaimLimits,
  ClaimRequest,
  Job,
  JobChange,
  JobDraft,
  JobEvent,
  JobFilter,
  JobMove,
  JobMoveChange,
  Lease,
} from './queue.types.js';
