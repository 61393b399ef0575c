import { describe, expect, it } from '@jest/globals';

import { JOB_STATES, NEXT_STATES, type JobState } from '../../queue/index.js';
import { decideIntake, type IssueFact, type IntakeDecision } from './decide-intake.js';

const WANTED: IssueFact = {
  isGone: false,
  isOpen: true,
  isAssigned: true,
  start: 'known',
  mayStart: true,
  isEdited: false,
  mayEdit: true,
  isAnswered: false,
  halt: null,
  order: null,
};

type Row = Readonly<Record<JobState | 'none', IntakeDecision>>;

const OF_WANTED: Row = {
  none: 'enqueue',
  pending: 'refresh',
  available: 'refresh',
  running: 'leave',
  retryable: 'refresh',
  in_review: 'leave',
  completed: 'leave',
  needs_attention: 'leave',
  cancelled: 'leave',
};
const OF_EDITED: Row = {
  ...OF_WANTED,
  pending: 'reconsider',
  available: 'reconsider',
  running: 'revise',
  retryable: 'reconsider',
  in_review: 'revise',
  needs_attention: 'reconsider',
};
const OF_REFUSED_EDIT: Row = {
  ...OF_EDITED,
  none: 'refuse-edit',
  pending: 'refuse-edit',
  available: 'refuse-edit',
  running: 'refuse-edit',
  retryable: 'refuse-edit',
  in_review: 'leave',
  needs_attention: 'refuse-edit',
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

function everywhere(decision: IntakeDecision, others: Partial<Row> = {}): Row {
  const states = ['none' as const, ...JOB_STATES];
  return { ...(Object.fromEntries(states.map((state) => [state, decision])) as Row), ...others };
}

const LIVE_AGAIN = everywhere('enqueue', { running: 'leave' });
const TABLE: readonly (readonly [string, Partial<IssueFact>, Row])[] = [
  ['open and assigned', {}, OF_WANTED],
  ['open, assigned and edited', { isEdited: true }, OF_EDITED],
  ['edited by somebody who may not', { isEdited: true, mayEdit: false }, OF_REFUSED_EDIT],
  ['given to the bot anew', { start: 'new' }, LIVE_AGAIN],
  ['given to the bot anew and edited', { start: 'new', isEdited: true }, { ...LIVE_AGAIN, running: 'revise' }],
  [
    'given to the bot anew with another text than whoever did it saw',
    { start: 'new', isEdited: true, mayEdit: false },
    everywhere('refuse-edit'),
  ],
  ['given to the bot by somebody who may not', { start: 'new', mayStart: false }, everywhere('refuse-start')],
  [
    'given to the bot by nobody knows whom',
    { start: 'unknown', mayStart: false },
    { ...OF_WANTED, none: 'refuse-start', completed: 'refuse-start', cancelled: 'refuse-start' },
  ],
  [
    'given to the bot as nothing tells',
    { start: 'unknown' },
    { ...OF_WANTED, completed: 'enqueue', cancelled: 'enqueue' },
  ],
  ['answered', { isAnswered: true }, { ...OF_WANTED, needs_attention: 'resume' }],
  [
    'halted for its start',
    { halt: 'start', mayStart: false, isAnswered: true },
    { ...everywhere('refuse-start'), completed: 'leave', cancelled: 'leave', needs_attention: 'leave' },
  ],
  [
    'halted for a start that is allowed by now',
    { halt: 'start' },
    { ...everywhere('enqueue'), completed: 'leave', cancelled: 'leave' },
  ],
  [
    'halted for its text',
    { halt: 'edit', isEdited: true, mayEdit: false, isAnswered: true },
    { ...everywhere('refuse-edit'), completed: 'leave', cancelled: 'leave', needs_attention: 'leave' },
  ],
  [
    'halted for a text that is allowed by now',
    { halt: 'edit', isEdited: true },
    { ...everywhere('reconsider'), none: 'enqueue', completed: 'leave', cancelled: 'leave' },
  ],
  [
    'halted for a text that was taken back',
    { halt: 'edit' },
    { ...everywhere('reconsider'), none: 'enqueue', completed: 'leave', cancelled: 'leave' },
  ],
  [
    'ordered to begin again, whatever it waited for',
    { order: 'retry', halt: 'edit', isEdited: true, mayEdit: false, isAnswered: true },
    {
      ...everywhere('refuse-edit'),
      completed: 'leave',
      cancelled: 'resume',
      needs_attention: 'resume',
    },
  ],
  ['paused', { order: 'pause', isAnswered: true }, OF_WANTED],
  [
    'cancelled by an order, as far as anything tells',
    { order: 'cancel', start: 'unknown' },
    { ...OF_WANTED, completed: 'leave', cancelled: 'leave' },
  ],
  ['cancelled by an order and given to the bot anew', { order: 'cancel', start: 'new' }, LIVE_AGAIN],
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

  it('does not let a pause be ended by an edit', () => {
    const paused: IssueFact = { ...WANTED, order: 'pause', isEdited: true };

    expect(decideIntake(paused, 'needs_attention')).toBe('leave');
  });

  it('asks for no move that the table of states forbids', () => {
    const moves = TABLE.flatMap(([, , row]) => JOB_STATES.map((state) => [state, row[state]] as const));
    const targets = { cancel: 'cancelled', complete: 'completed', enqueue: 'available' } as const;

    const illegal = moves.filter(
      ([state, decision]) =>
        decision in targets &&
        state !== targets[decision as keyof typeof targets] &&
        !NEXT_STATES[state].includes(targets[decision as keyof typeof targets]),
    );

    expect(illegal).toEqual([]);
  });
});
