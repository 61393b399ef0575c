import { unfinishedBlockerIds } from './dependency-graph.js';
import { cycleThrough, findCycles } from './find-cycles.js';
import { WAITING_STATES, type JobState } from './job-states.js';
import type { JobStore } from './job-store.port.js';
import type { Job } from './queue.types.js';
import type { QueuePicture } from './wait-reason.js';

/** Beyond it nobody cares how many jobs come first, and the store is not asked for all of them. */
const MOST_JOBS_COUNTED = 100;
/** So many jobs are followed from blocker to blocker. A circle further off is found by its own members. */
const MOST_JOBS_FOLLOWED = 1_000;

/** Looks up what must be known to say what this job waits for, and no more. */
export async function lookUpPicture(
  store: JobStore,
  job: Job,
  rules: Pick<QueuePicture, 'limits' | 'excludedProfiles'>,
): Promise<QueuePicture> {
  const [blocking, turn] = await Promise.all([
    job.state === 'pending' ? whatBlocks(store, job) : { blockerStates: new Map<string, JobState>() },
    job.state === 'available' ? itsTurn(store, job) : { running: [], jobsAhead: 0, isMoreAhead: false },
  ]);
  return { ...rules, ...blocking, ...turn };
}

async function whatBlocks(store: JobStore, job: Job): Promise<Pick<QueuePicture, 'blockerStates' | 'cycle'>> {
  const blockerStates = new Map<string, JobState>();
  const seen = new Map<string, Job>([[job.id, job]]);
  // A Map yields what is added while it is read: breadth first, from the job to what it waits for.
  for (const waiting of seen.values()) {
    for (const id of unfinishedBlockerIds(waiting)) {
      const blocker = seen.get(id) ?? (seen.size < MOST_JOBS_FOLLOWED ? await store.find(id) : undefined);
      if (blocker === undefined) continue;
      blockerStates.set(id, blocker.state);
      if (WAITING_STATES.some((state) => state === blocker.state)) seen.set(id, blocker);
    }
  }
  const waitingJobs = [...seen.values()];
  return { blockerStates, cycle: cycleThrough(waitingJobs, job.id) ?? findCycles(waitingJobs)[0]?.path };
}

async function itsTurn(
  store: JobStore,
  job: Job,
): Promise<Pick<QueuePicture, 'running' | 'jobsAhead' | 'isMoreAhead'>> {
  const running = await store.list({ states: ['running'] });
  const first = await store.list({ states: ['available'], limit: MOST_JOBS_COUNTED + 1 });
  const place = first.findIndex(({ id }) => id === job.id);
  const isMoreAhead = place === -1;
  return { running, jobsAhead: isMoreAhead ? MOST_JOBS_COUNTED : place, isMoreAhead };
}
