import type { JobState } from '../queue/index.js';

/** What is true of an issue at this moment. */
export interface IssueFact {
  readonly isGone: boolean;
  readonly isOpen: boolean;
  readonly isAssigned: boolean;
  /** Whether its text differs from the one the job was made from. */
  readonly isEdited: boolean;
  /** Whether a person has said something, or taken the label away, since a run ended with the job in need of one. */
  readonly isAnswered: boolean;
}

/**
 * What intake does about an issue.
 *
 * - *enqueue*: make the job, or give the finished one a fresh start.
 * - *refresh*: bring title, priority and blockers of the job up to date.
 * - *reconsider*: parse the new text, and give the job a fresh start.
 * - *resume*: give the job a fresh start with what the person said.
 * - *complete*, *cancel*: end the job.
 * - *leave*: nothing.
 */
export type IntakeDecision = 'enqueue' | 'refresh' | 'reconsider' | 'resume' | 'complete' | 'cancel' | 'leave';

/**
 * Compares what is with what the queue holds. The one place where an event becomes a decision, whatever the event was.
 *
 * @param state of the issue's job; null when there is none
 */
export function decideIntake(fact: IssueFact, state: JobState | null): IntakeDecision {
  const isWanted = !fact.isGone && fact.isOpen && fact.isAssigned;
  if (isWanted) return decideWanted(fact, state);
  if (state === null || state === 'cancelled') return 'leave';
  // Opened again without the bot: what it blocks must wait again.
  if (state === 'completed') return !fact.isGone && fact.isOpen ? 'cancel' : 'leave';
  if (!fact.isGone && !fact.isOpen && state === 'in_review') return 'complete';
  return 'cancel';
}

function decideWanted(fact: IssueFact, state: JobState | null): IntakeDecision {
  switch (state) {
    case null:
    case 'completed':
    case 'cancelled':
      return 'enqueue';
    case 'needs_attention':
      if (fact.isEdited) return 'reconsider';
      return fact.isAnswered ? 'resume' : 'leave';
    case 'pending':
    case 'available':
    case 'retryable':
      return fact.isEdited ? 'reconsider' : 'refresh';
    case 'running':
    case 'in_review':
      return 'leave';
  }
}
