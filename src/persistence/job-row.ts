import type { Insertable, Selectable } from 'kysely';
import { issueKey, parseIssueRef, repositoryKey } from '../kernel/index.js';
import { JOB_STATES, type Blocker, type Job, type JobState } from '../queue/index.js';
import { readJson } from './json-column.js';
import { CorruptRowError } from './persistence.errors.js';
import type { JobBlockerTable, JobTable } from './schema.js';

/** With what blocks it as one text, such as `acme/web#1- acme/web#2+`: a plus is finished. Null where nothing does. */
export type JobRow = Selectable<JobTable> & { readonly blockers: string | null };
export type BlockerRow = Selectable<JobBlockerTable>;

/** Repository and profile as one text: the limits hold back all jobs of a lane or none. */
function laneOf(job: Pick<Job, 'issue' | 'profile'>): string {
  // No repository's key has a bar in it, so that two lanes never have one name.
  return `${repositoryKey(job.issue)}|${job.profile}`;
}

/** The row of a job; its blockers have rows of their own. */
export function toJobRow(job: Job): Insertable<JobTable> {
  return {
    id: job.id,
    owner: job.issue.owner,
    repo: job.issue.repo,
    number: job.issue.number,
    repository: repositoryKey(job.issue),
    lane: laneOf(job),
    title: job.title,
    profile: job.profile,
    priority: job.priority,
    details: JSON.stringify(job.details),
    state: job.state,
    reason: job.reason,
    fencing_token: job.fencingToken,
    ...toLeaseColumns(job),
    not_before: job.notBefore,
    retry_wait_ms: job.waitMs,
    failures: job.failures,
    created_at: job.createdAt,
    updated_at: job.updatedAt,
  };
}

function toLeaseColumns({ state, lease }: Job) {
  const [holder, endsAt] = [lease?.holder ?? null, lease?.endsAt ?? null];
  return state === 'running'
    ? { lease_holder: holder, lease_ends_at: endsAt, taken_from: null, taken_lease_ends_at: null }
    : { lease_holder: null, lease_ends_at: null, taken_from: holder, taken_lease_ends_at: endsAt };
}

/** @throws {CorruptRowError} if the row names no state of jobs, or its details or blockers cannot be read */
export function fromJobRow(row: JobRow): Job {
  const holder = row.lease_holder ?? row.taken_from;
  const endsAt = row.lease_ends_at ?? row.taken_lease_ends_at;
  return {
    id: row.id,
    issue: { owner: row.owner, repo: row.repo, number: row.number },
    title: row.title,
    profile: row.profile,
    priority: row.priority,
    blockers: row.blockers?.split(' ').map((text) => readBlocker(text, row.id)) ?? [],
    details: readJson(row.details, `job ${row.id}`, 'details'),
    state: toJobState(row.state, row.id),
    reason: row.reason,
    fencingToken: row.fencing_token,
    lease: holder === null || endsAt === null ? null : { holder, endsAt },
    notBefore: row.not_before,
    waitMs: row.retry_wait_ms,
    failures: row.failures,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function toBlockerRow(jobId: string, { issue, isFinished }: Blocker): BlockerRow {
  const { owner, repo, number } = issue;
  return { job_id: jobId, blocker_id: issueKey(issue), owner, repo, number, is_finished: isFinished ? 1 : 0 };
}

/** @throws {CorruptRowError} if there is no such state */
export function toJobState(text: string, jobId: string): JobState {
  const state = JOB_STATES.find((known) => known === text);
  if (state === undefined) throw new CorruptRowError(`The stored state of job ${jobId} is ${JSON.stringify(text)}`);
  return state;
}

function readBlocker(text: string, jobId: string): Blocker {
  try {
    return { issue: parseIssueRef(text.slice(0, -1)), isFinished: text.endsWith('+') };
  } catch {
    throw new CorruptRowError(`What blocks job ${jobId} is stored as ${JSON.stringify(text)}`);
  }
}
