import { repositoryKey } from '../kernel/index.js';
import { compareRank } from './job-order.js';
import type { ClaimRequest, Job } from './queue.types.js';

/** Available jobs of one repository and one profile, which one set of limits holds back alike. */
interface Lane {
  readonly repository: string;
  readonly profile: string;
  /** In the order of their rank. */
  readonly jobs: Job[];
}

/**
 * Holds the available jobs in order and counts the running ones, so that the next job is found by looking at the first
 * free one of each lane. It decides; the store writes.
 */
export class ClaimQueue {
  private readonly lanes = new Map<string, Lane>();
  private readonly runningByRepository = new Map<string, number>();
  private readonly runningByProfile = new Map<string, number>();
  private runningJobs = 0;

  /** Takes note of a job. Call `remove` with this very job before it changes. */
  add(job: Job): void {
    if (job.state === 'running') this.countRunning(job, 1);
    if (job.state !== 'available') return;
    const lane = this.laneOf(job);
    lane.jobs.splice(placeOf(lane.jobs, job), 0, job);
  }

  /** Forgets a job as it was when it was added. */
  remove(job: Job): void {
    if (job.state === 'running') this.countRunning(job, -1);
    if (job.state !== 'available') return;
    const lane = this.laneOf(job);
    lane.jobs.splice(placeOf(lane.jobs, job), 1);
    if (lane.jobs.length === 0) this.lanes.delete(laneKey(job));
  }

  /** The job to claim, or undefined when every one is held back by a limit or by another holder's lease. */
  next({ limits, excludedProfiles = [], holder }: Omit<ClaimRequest, 'leaseMs'>, now: number): Job | undefined {
    if (this.runningJobs >= limits.global) return undefined;
    let best: Job | undefined;
    let bestLoad = 0;
    for (const { repository, profile, jobs } of this.lanes.values()) {
      const first = jobs.find(({ lease }) => lease === null || lease.holder === holder || lease.endsAt <= now);
      const load = this.runningByRepository.get(repository) ?? 0;
      const profileLimit = limits.perProfile[profile] ?? Infinity;
      const isHeldBack =
        load >= limits.perRepository ||
        (this.runningByProfile.get(profile) ?? 0) >= profileLimit ||
        excludedProfiles.includes(profile);
      if (first === undefined || isHeldBack) continue;
      if (best !== undefined && !isBefore(first, load, best, bestLoad)) continue;
      best = first;
      bestLoad = load;
    }
    return best;
  }

  private laneOf(job: Job): Lane {
    const key = laneKey(job);
    const lane = this.lanes.get(key) ?? { repository: repositoryKey(job.issue), profile: job.profile, jobs: [] };
    this.lanes.set(key, lane);
    return lane;
  }

  private countRunning(job: Job, change: 1 | -1): void {
    this.runningJobs += change;
    const repository = repositoryKey(job.issue);
    this.runningByRepository.set(repository, (this.runningByRepository.get(repository) ?? 0) + change);
    this.runningByProfile.set(job.profile, (this.runningByProfile.get(job.profile) ?? 0) + change);
  }
}

function laneKey(job: Job): string {
  // A repository's key has no space in it.
  return `${repositoryKey(job.issue)} ${job.profile}`;
}

/** Among equal priorities the repository with fewer running jobs is served first, whatever the issue numbers. */
function isBefore(a: Job, loadOfA: number, b: Job, loadOfB: number): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (loadOfA !== loadOfB) return loadOfA < loadOfB;
  return compareRank(a, b) < 0;
}

/** Where a job stands in an ordered list, or would stand. */
function placeOf(jobs: readonly Job[], job: Job): number {
  let low = 0;
  let high = jobs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = jobs[middle];
    if (other !== undefined && compareRank(other, job) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
