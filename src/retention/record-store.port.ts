import type { DroppedRecords, RecordLimits } from './retention.types.js';

/**
 * Where deliveries and histories are kept. It never drops what belongs to a job that has not ended, nor a delivery that
 * waits for its effect, nor the last event of a job: replaying what is left of a history gives the job's state.
 */
export interface RecordStore {
  /** Drops what is beyond the limits, in small steps between which others use the store. Repeating it does no harm. */
  drop(limits: RecordLimits): Promise<DroppedRecords>;
}
