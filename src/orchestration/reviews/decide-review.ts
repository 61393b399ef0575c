import type { JobState } from '../../queue/index.js';
import type { PullRequestReading } from '../ports/pull-requests.port.js';
import type { JobProgress } from '../ports/run-store.port.js';

/**
 * What follows for a job from what its pull request is.
 *
 * - *complete*: it was merged, so the work is done, though its issue may be open.
 * - *stop*: it was closed without being merged, or is gone, and only a person knows why.
 * - *return*: it was opened again.
 * - *read*: it is open; what its reviews say decides.
 * - *leave*: nothing.
 */
export type ReviewDecision = 'complete' | 'stop' | 'return' | 'read' | 'leave';

/** Whether a job follows its pull request: in review, in a round that reviews began, and while that stands closed. */
export function followsPullRequest(
  state: JobState,
  { pullRequest, review, stop }: Pick<JobProgress, 'pullRequest' | 'review' | 'stop'>,
): boolean {
  if (pullRequest === null || state === 'completed' || state === 'cancelled') return false;
  const isInRound = review !== null && review.open.length > 0;
  return state === 'in_review' || isInRound || isStoppedByClosing(state, { pullRequest, stop });
}

/** Decides about a job that follows its pull request. */
export function decideReview(
  state: JobState,
  progress: Pick<JobProgress, 'pullRequest' | 'stop'>,
  reading: PullRequestReading,
): ReviewDecision {
  if (reading.kind === 'unknown') return 'leave';
  const now = reading.kind === 'gone' ? 'closed' : reading.pullRequest.state;
  if (now === 'merged') return 'complete';
  if (now === 'closed') return state === 'needs_attention' ? 'leave' : 'stop';
  if (isStoppedByClosing(state, progress)) return 'return';
  return state === 'in_review' ? 'read' : 'leave';
}

function isStoppedByClosing(
  state: JobState,
  { pullRequest, stop }: Pick<JobProgress, 'pullRequest' | 'stop'>,
): boolean {
  return state === 'needs_attention' && pullRequest !== null && stop?.closedPullRequest === pullRequest.number;
}
