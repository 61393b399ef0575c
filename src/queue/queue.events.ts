import type { DomainEvent, IssueRef } from '../kernel/index.js';
import type { JobState } from './job-states.js';

/** A job was created or changed its state. */
export interface JobMoved extends DomainEvent {
  readonly type: 'queue.job-moved';
  readonly jobId: string;
  readonly issue: IssueRef;
  /** Null when it was created. */
  readonly from: JobState | null;
  readonly to: JobState;
  readonly reason: string;
  /** Empty while it is not settled who will do it: it is not claimed until then. */
  readonly profile: string;
}
