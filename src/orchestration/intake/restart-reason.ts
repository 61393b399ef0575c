import type { Job, JobState } from '../../queue/index.js';
import type { Answer } from '../commands/answer-of-person.js';
import { readDetails, type JobDetails } from '../job-details.js';

/** Why a job gets a fresh start, in a sentence for people. */
export function restartReason(state: JobState, answer: Answer | null, before: JobDetails | null): string {
  if (answer !== null && answer.orderedBy !== null) return `${answer.orderedBy} ordered a fresh start.`;
  if (state === 'completed' || state === 'cancelled') return 'Its issue was assigned or opened again.';
  if (answer === null) return before?.halt ? 'What it waited for was confirmed.' : 'Its issue was edited.';
  const people = [...new Set(answer.remarks.map(({ author }) => author))];
  return people.length === 0 ? 'The label was taken away.' : `${people.join(', ')} commented.`;
}

/** Why work is begun again while an agent is at it, in a clause for the agent; null where none is. */
export function whyBegunAgain(job: Job | null): string | null {
  if (job === null) return null;
  if (job.state === 'running' || job.state === 'in_review') return 'The issue was edited or assigned again';
  // Cut off while it was begun again, it still is.
  const { isUnfinished, begunAgain } = readDetails(job.details);
  return isUnfinished ? begunAgain : null;
}
