import type { JobState } from '../../queue/index.js';
import type { HaltCause } from '../job-details.js';

/** What is true of an issue at this moment. */
export interface IssueFact {
  readonly isGone: boolean;
  readonly isOpen: boolean;
  readonly isAssigned: boolean;
  /**
   * What the act that made it work for the bot is to the job: *new*, *known* from when the job was last started, or
   * *unknown*, as nothing tells.
   */
  readonly start: 'new' | 'known' | 'unknown';
  /** Whether whoever did that may start work. */
  readonly mayStart: boolean;
  /** Whether its text differs from the one the job was made from, or the job was not wholly made from it. */
  readonly isEdited: boolean;
  /** Whether work may be started, or go on, with its text as it is now. */
  readonly mayEdit: boolean;
  /** Whether a person has said something, or taken the label away, since a run ended with the job in need of one. */
  readonly isAnswered: boolean;
  /** What somebody who may must confirm before the job goes on; null for nothing. */
  readonly halt: HaltCause | null;
  /** What somebody who may has ordered by a command, as far as it is still to be done or holds; null for nothing. */
  readonly order: 'retry' | 'pause' | 'cancel' | null;
}

/**
 * What intake does about an issue.
 *
 * - *enqueue*: make the job, or give it a fresh start.
 * - *refresh*: bring title, priority and blockers of the job up to date.
 * - *reconsider*: parse the new text, and give the job a fresh start.
 * - *revise*: parse the new text; begin the work again where its criteria changed, else let the agent know.
 * - *resume*: give the job a fresh start with what the person said.
 * - *refuse-start*, *refuse-edit*: let the job wait until somebody who may has confirmed who started it, or its text.
 * - *complete*, *cancel*: end the job.
 * - *leave*: nothing.
 */
export type IntakeDecision =
  | 'enqueue'
  | 'refresh'
  | 'reconsider'
  | 'revise'
  | 'resume'
  | 'refuse-start'
  | 'refuse-edit'
  | 'complete'
  | 'cancel'
  | 'leave';

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
  if (state === null) return started(fact);
  // Whoever orders it has seen who started it, and its text.
  if (fact.order === 'retry' && (state === 'needs_attention' || state === 'cancelled')) return 'resume';
  if (state === 'completed' || state === 'cancelled') return decideEnded(fact);
  if (fact.start === 'new') return decideStartedAgain(fact, state);
  return fact.halt === null ? decideGoingOn(fact, state) : decideHalted(fact, fact.halt, state);
}

function started({ mayStart, mayEdit }: IssueFact): IntakeDecision {
  if (!mayStart) return 'refuse-start';
  return mayEdit ? 'enqueue' : 'refuse-edit';
}

/** An end holds until the issue is given to the bot anew. Where nothing tells that, only what a person ended does. */
function decideEnded(fact: IssueFact): IntakeDecision {
  if (fact.start === 'known') return 'leave';
  return fact.start === 'unknown' && fact.order === 'cancel' ? 'leave' : started(fact);
}

/** It was taken from the bot and given back, or closed and opened, and no webhook told: an agent at work goes on. */
function decideStartedAgain(fact: IssueFact, state: JobState): IntakeDecision {
  if (!fact.mayStart || !fact.mayEdit || state !== 'running') return started(fact);
  return fact.isEdited ? 'revise' : 'leave';
}

/** Where it was cut off before the job waited, that is done again. */
function decideHalted(fact: IssueFact, halt: HaltCause, state: JobState): IntakeDecision {
  const isWaiting = state === 'needs_attention';
  switch (halt) {
    case 'start':
      if (fact.mayStart) return started(fact);
      return isWaiting ? 'leave' : 'refuse-start';
    case 'edit':
      if (!fact.isEdited || fact.mayEdit) return 'reconsider';
      return isWaiting ? 'leave' : 'refuse-edit';
  }
}

function decideGoingOn(fact: IssueFact, state: JobState): IntakeDecision {
  switch (state) {
    case 'pending':
    case 'available':
    case 'retryable':
      return decideEdited(fact, 'reconsider') ?? 'refresh';
    case 'running':
      return decideEdited(fact, 'revise') ?? 'leave';
    case 'in_review':
      // Nobody works on it: what is published stands, and a next round goes by the text that was confirmed.
      return fact.isEdited && fact.mayEdit ? 'revise' : 'leave';
    case 'completed':
    case 'cancelled':
    case 'needs_attention':
      if (fact.order === 'pause') return 'leave';
      return decideEdited(fact, 'reconsider') ?? (fact.isAnswered ? 'resume' : 'leave');
  }
}

function decideEdited({ isEdited, mayEdit }: IssueFact, then: IntakeDecision): IntakeDecision | null {
  if (!isEdited) return null;
  return mayEdit ? then : 'refuse-edit';
}
