import { formatIssueRef, issueKey, repositoryKey, type IssueRef } from '../kernel/index.js';
import type { JobState } from './job-states.js';
import type { ClaimLimits, Job } from './queue.types.js';

/** What else must be known to say what a job waits for. */
export interface QueuePicture {
  /** By id, the states of jobs, those of its unfinished blockers among them. A blocker that is not in it has no job. */
  readonly blockerStates: ReadonlyMap<string, JobState>;
  /** The way round the cycle that holds the job up, beginning with a job it waits for or with itself. */
  readonly cycle?: readonly string[] | undefined;
  readonly running: readonly Pick<Job, 'issue' | 'profile'>[];
  readonly limits: ClaimLimits;
  /** Profiles for which nothing is claimed at present, and why in whole sentences; empty where that is not known. */
  readonly excludedProfiles: ReadonlyMap<string, string>;
  /** How many available jobs come before it. */
  readonly jobsAhead: number;
  /** Whether `jobsAhead` stopped counting, so that it may be more. */
  readonly isMoreAhead: boolean;
}

const MOST_BLOCKERS_NAMED = 5;

const BLOCKER_WORDS: Readonly<Record<JobState, string>> = {
  pending: 'waits itself',
  available: 'waits for its turn',
  running: 'is worked on',
  retryable: 'will be tried again',
  in_review: 'is in review',
  completed: 'was opened again',
  needs_attention: 'needs a person',
  cancelled: 'is no longer with the bot',
};

/** Says in one sentence what a job waits for, or why it waits for nothing. */
export function waitReason(job: Job, picture: QueuePicture): string {
  return clauseOf(job, picture).replace(/\.?$/, '.');
}

/** The way round a cycle as people read it: `a/b#1 → a/b#2 → a/b#1`, where each waits for the next. */
export function formatCycle(path: readonly string[]): string {
  return [...path, ...path.slice(0, 1)].join(' → ');
}

function clauseOf(job: Job, picture: QueuePicture): string {
  switch (job.state) {
    case 'pending':
      return pendingReason(job, picture);
    case 'available':
      return availableReason(job, picture);
    case 'running':
      // Its reason names the process that holds it: host and pid are no business of those who read the issue.
      return 'Runs, and waits for nothing';
    case 'retryable':
      return `Waits until ${new Date(job.notBefore ?? job.updatedAt).toISOString()} to be tried again: ${job.reason}`;
    case 'in_review':
      return `Waits for its pull request to be merged: ${job.reason}`;
    case 'completed':
      return `Is completed: ${job.reason}`;
    case 'needs_attention':
      return `Waits for a person: ${job.reason}`;
    case 'cancelled':
      return `Is cancelled: ${job.reason}`;
  }
}

function pendingReason(job: Job, { blockerStates, cycle }: QueuePicture): string {
  if (cycle?.includes(job.id)) {
    return `Waits in a circle that an edit of one of its issues must break: ${formatCycle(cycle)}`;
  }
  const blockers = job.blockers.filter((blocker) => !blocker.isFinished);
  const named = blockers.slice(0, MOST_BLOCKERS_NAMED).map(({ issue }) => {
    const state = blockerStates.get(issueKey(issue));
    return `${formatIssueRef(issue)} (${state === undefined ? 'is not with the bot' : BLOCKER_WORDS[state]})`;
  });
  const unnamed = blockers.length - named.length;
  const all = unnamed > 0 ? [...named, `${unnamed} more`] : named;
  const behind = cycle === undefined ? '' : `, behind the circle ${formatCycle(cycle)}`;
  return `Waits for ${enumerate(all)}${behind}`;
}

function availableReason(job: Job, picture: QueuePicture): string {
  const { running, limits, excludedProfiles, jobsAhead, isMoreAhead } = picture;
  // First, as a free place would change nothing.
  if (job.profile === '') return 'Waits until it is settled which profile does it';
  const why = excludedProfiles.get(job.profile);
  if (why === '') return `Waits for profile ${job.profile}, which is not used at present`;
  if (why !== undefined) return `Waits for profile ${job.profile}. ${why}`;

  if (running.length >= limits.global) return `Waits for a free place: ${running.length} of ${limits.global} jobs run`;

  const repository = repositoryKey(job.issue);
  const inRepository = running.filter(({ issue }) => repositoryKey(issue) === repository).length;
  if (inRepository >= limits.perRepository) {
    return `Waits for a free place in ${nameOf(job.issue)}: ${inRepository} of ${limits.perRepository} jobs run there`;
  }

  const withProfile = running.filter(({ profile }) => profile === job.profile).length;
  const profileLimit = limits.perProfile[job.profile] ?? Infinity;
  if (withProfile >= profileLimit) {
    return `Waits for a free place of profile ${job.profile}: ${withProfile} of ${profileLimit} jobs run`;
  }

  if (job.lease !== null) return 'Waits until the agent that worked on it until now has stopped';
  if (jobsAhead === 0) return 'Waits for its turn: it is the next';
  const ahead = jobsAhead === 1 ? '1 job is' : `${jobsAhead} jobs are`;
  return `Waits for its turn: ${isMoreAhead ? 'at least ' : ''}${ahead} ahead`;
}

function nameOf({ owner, repo }: IssueRef): string {
  return `${owner}/${repo}`;
}

function enumerate(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.slice(-1).join('')}`;
}
