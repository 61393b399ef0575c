import { describe, expect, it } from '@jest/globals';

import { JOB_STATES, NEXT_STATES, type JobState } from '../queue/index.js';
import { decideIntake, type IssueFact, type IntakeDecision } from './decide-intake.js';

const WANTED: IssueFact = { isGone: false, isOpen: true, isAssigned: true, isEdited: false, isAnswered: false };

type Row = Readonly<Record<JobState | 'none', IntakeDecision>>;

const OF_WANTED: Row = {
  none: 'enqueue',
  pending: 'refresh',
  available: 'refresh',
  running: 'leave',
  retryable: 'refresh',
  in_review: 'leave',
  completed: 'enqueue',
  needs_attention: 'leave',
  cancelled: 'enqueue',
};
const OF_EDITED: Row = {
  ...OF_WANTED,
  pending: 'reconsider',
  available: 'reconsider',
  retryable: 'reconsider',
  needs_attention: 'reconsider',
};
const OF_UNWANTED: Row = {
  none: 'leave',
  pending: 'cancel',
  available: 'cancel',
  running: 'cancel',
  retryable: 'cancel',
  in_review: 'cancel',
  completed: 'leave',
  needs_attention: 'cancel',
  cancelled: 'leave',
};

const TABLE: readonly (readonly [string, Partial<IssueFact>, Row])[] = [
  ['open and assigned', {}, OF_WANTED],
  ['open, assigned and edited', { isEdited: true }, OF_EDITED],
  ['open and not assigned', { isAssigned: false }, { ...OF_UNWANTED, completed: 'cancel' }],
  ['closed', { isOpen: false }, { ...OF_UNWANTED, in_review: 'complete' }],
  ['gone', { isGone: true, isOpen: false, isAssigned: false }, OF_UNWANTED],
];

describe('decideIntake', () => {
  for (const [name, fact, row] of TABLE) {
    it.each(['none' as const, ...JOB_STATES])(`of an issue that is ${name}, with its job %s`, (state) => {
      expect(decideIntake({ ...WANTED, ...fact }, state === 'none' ? null : state)).toBe(row[state]);
    });
  }

  it('asks for no move that the table of states forbids', () => {
    const moves = TABLE.flatMap(([, , row]) => JOB_STATES.map((state) => [state, row[state]] as const));
    const targets = { cancel: 'cancelled', complete: 'completed', enqueue: 'available' } as const;

    const illegal = moves.filter(
      ([state, decision]) =>
        decision in targets && !NEXT_STATES[state].includes(targets[decision as keyof typeof targets]),
    );

    expect(illegal).toEqual([]);
  });
});
