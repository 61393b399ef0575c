export { applyMove } from './apply-move.js';
export {
  crossRepositoryBlockers,
  jobsFreedBy,
  missingBlockers,
  readyJobs,
  type Dependency,
  type DependentJob,
} from './dependency-graph.js';
export { cycleThrough, findCycles, type DependencyCycle } from './find-cycles.js';
export { InMemoryJobStore } from './in-memory-job-store.js';
export {
  IllegalJobMoveError,
  JOB_STATES,
  NEXT_STATES,
  UNSETTLED_STATES,
  WAITING_STATES,
  assertLegalMove,
  type JobState,
} from './job-states.js';
export { JOB_STORE, type JobStore } from './job-store.port.js';
export { mergeBlockers } from './merge-blockers.js';
export { QueueModule } from './queue.module.js';
export { resolveQueueOptions, type QueueModuleOptions, type QueueOptions } from './queue.options.js';
export { QueueService } from './queue.service.js';
export { formatCycle } from './wait-reason.js';
export { isBlocked, waitingStateOf } from './waiting-state.js';
export { replay, type ReplayedJob } from './replay.js';
export { personNamed } from './person-named.js';
export {
  HistoryBrokenError,
  InvalidQueueOptionsError,
  JobChangedError,
  LeaseLostError,
  UnknownJobError,
} from './queue.errors.js';
export type { JobMoved } from './queue.events.js';
export type {
  Actor,
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
  JobPage,
  Lease,
} from './queue.types.js';
