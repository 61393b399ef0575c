import type { RunPhase } from '../orchestration.errors.js';

/** So often in a row a job waits for its model. Then each time counts: the fault may be its own. */
const MOST_WAITS = 20;

/**
 * Decides whether a run that failed counts against its job. What somebody else must mend, or time, does not: a key that
 * is refused must not hand every job of its profile to a person.
 */
export class Patience {
  /** By job, how often in a row it waited for its model. Lost with the process, which only makes the patience longer. */
  private readonly waits = new Map<string, number>();

  isExhaustedBy(jobId: string, phase: RunPhase): boolean {
    if (phase === 'budget' || phase === 'account') return false;
    if (phase !== 'model') return true;
    const waits = (this.waits.get(jobId) ?? 0) + 1;
    this.waits.set(jobId, waits);
    return waits > MOST_WAITS;
  }

  /** A run of the job ended in another way. */
  renew(jobId: string): void {
    this.waits.delete(jobId);
  }
}
