import { issueKey, repositoryKey, type IssueRef } from '../kernel/index.js';
import type { Blocker } from './queue.types.js';
import { isBlocked } from './waiting-state.js';

/** A job as its dependencies see it. Each blocker counts as finished or not by its own word. */
export interface DependentJob {
  readonly id: string;
  readonly issue: IssueRef;
  readonly blockers: readonly Blocker[];
}

/** A job and one issue that it waits for. */
export interface Dependency<J extends DependentJob = DependentJob> {
  readonly job: J;
  readonly blocker: IssueRef;
}

/** The jobs that nothing unfinished blocks. */
export function readyJobs<J extends DependentJob>(jobs: readonly J[]): readonly J[] {
  return jobs.filter((job) => !isBlocked(job));
}

/** The blocked jobs that would be ready if these issues were finished. A finished issue is no blocker of itself. */
export function jobsFreedBy<J extends DependentJob>(jobs: readonly J[], finishedIds: Iterable<string>): readonly J[] {
  const finished = new Set(finishedIds);
  return jobs.filter(
    (job) => isBlocked(job) && !finished.has(job.id) && unfinishedBlockerIds(job).every((id) => finished.has(id)),
  );
}

/** Unfinished blockers that have no job among these: nobody but a person, or another bot, will finish them. */
export function missingBlockers<J extends DependentJob>(jobs: readonly J[]): readonly Dependency<J>[] {
  const ids = new Set(jobs.map((job) => job.id));
  return unfinishedDependencies(jobs).filter(({ blocker }) => !ids.has(issueKey(blocker)));
}

/** Unfinished blockers in another repository than their job's. */
export function crossRepositoryBlockers<J extends DependentJob>(jobs: readonly J[]): readonly Dependency<J>[] {
  return unfinishedDependencies(jobs).filter(({ job, blocker }) => repositoryKey(blocker) !== repositoryKey(job.issue));
}

/** Ids of what must still be finished before the job may start. */
export function unfinishedBlockerIds(job: Pick<DependentJob, 'blockers'>): readonly string[] {
  return job.blockers.filter((blocker) => !blocker.isFinished).map((blocker) => issueKey(blocker.issue));
}

function unfinishedDependencies<J extends DependentJob>(jobs: readonly J[]): readonly Dependency<J>[] {
  return jobs.flatMap((job) =>
    job.blockers.filter((blocker) => !blocker.isFinished).map((blocker) => ({ job, blocker: blocker.issue })),
  );
}
