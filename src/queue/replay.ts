import type { JobState } from './job-states.js';
import { HistoryBrokenError } from './queue.errors.js';
import type { JobEvent } from './queue.types.js';

/** What the history of a job says of it. */
export interface ReplayedJob {
  readonly state: JobState;
  readonly reason: string;
  readonly fencingToken: number;
  /** Of its lease; null for none. */
  readonly holder: string | null;
  readonly notBefore: number | null;
  readonly failures: number;
  /** Milliseconds since 1970: when it came into its state. */
  readonly since: number;
}

/**
 * The state of every job, by its id, from nothing but what histories say.
 *
 * The first row that is given of a job may be a later one of its history: those before it are not kept for ever.
 *
 * @param events oldest first, of one job or of many
 * @throws {HistoryBrokenError} if a row does not go on from the one before it
 */
export function replay(events: readonly JobEvent[]): ReadonlyMap<string, ReplayedJob> {
  const jobs = new Map<string, ReplayedJob>();
  for (const event of events) {
    const before = jobs.get(event.jobId);
    if (before !== undefined) assertGoesOn(before, event);
    const { to: state, reason, fencingToken, notBefore, failures, at: since } = event;
    jobs.set(event.jobId, { state, reason, fencingToken, holder: holderIn(event), notBefore, failures, since });
  }
  return jobs;
}

function assertGoesOn(before: ReplayedJob, { sequence, jobId, from, to, fencingToken }: JobEvent): void {
  const row = `Row ${sequence} of the history of ${jobId}`;
  if (from !== before.state) {
    throw new HistoryBrokenError(`${row} goes on from ${from ?? 'nothing'}, but the job was ${before.state}`);
  }
  const isClaim = to === 'running';
  if (fencingToken < before.fencingToken || (isClaim && fencingToken === before.fencingToken)) {
    throw new HistoryBrokenError(`${row} has token ${fencingToken}, but it was ${before.fencingToken} before`);
  }
}

/** Whoever claims a job has its lease from then on. */
function holderIn({ to, by }: JobEvent): string | null {
  return to === 'running' && by?.kind === 'coordinator' ? by.holder : null;
}
