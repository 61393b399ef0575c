import { describe, expect, it } from '@jest/globals';

import { JOB_STATES, NEXT_STATES, type JobState } from '../../queue/index.js';
import { decideCommand, type CommandScene } from './decide-command.js';
import { NO_ORDERS } from './orders.js';
import type { Command } from './read-command.js';

const PAUSED = { ...NO_ORDERS, pause: { by: 'ada', comment: 3 } };

function scene(state: JobState, given: Partial<CommandScene> = {}): CommandScene {
  return {
    job: { state, profile: 'glm', priority: 200 },
    orders: NO_ORDERS,
    isWanted: true,
    hasSeenText: true,
    by: 'ann',
    comment: 7,
    at: 5,
    remarks: [],
    why: 'Waits | for it.',
    status: 'the status',
    profiles: ['glm', 'opus'],
    unfitBecause: () => null,
    ...given,
  };
}

function decide(kind: 'retry' | 'cancel' | 'pause' | 'resume', state: JobState, given: Partial<CommandScene> = {}) {
  return decideCommand({ kind }, scene(state, given));
}

describe('decideCommand', () => {
  it('moves a job only as its state allows, and refuses with the reason where it moves nothing', () => {
    const kinds = ['retry', 'cancel', 'pause', 'resume'] as const;
    const moves = kinds.flatMap((kind) =>
      [NO_ORDERS, PAUSED].flatMap((orders) =>
        JOB_STATES.map((state) => ({ kind, state, decision: decide(kind, state, { orders }) })),
      ),
    );

    const illegal = moves.filter(
      ({ state, decision: { move } }) => move && (move.from !== state || !NEXT_STATES[state].includes(move.to)),
    );
    const wordless = moves.filter(({ decision }) => decision.answer === '');
    expect({ illegal, wordless }).toEqual({ illegal: [], wordless: [] });
  });

  it.each([
    ['retry', 'needs_attention', null, 'It goes on with fresh rounds.'],
    ['retry', 'cancelled', null, 'It goes on with fresh rounds.'],
    ['retry', 'retryable', 'available', 'It is tried again at once.'],
    ['retry', 'completed', null, 'The work is done. Open the issue again, and it begins again.'],
    [
      'retry',
      'in_review',
      null,
      'Its pull request waits for review. Request changes there, and it goes on. Waits \\| for it.',
    ],
    ['retry', 'pending', null, 'There is nothing to try again. Waits \\| for it.'],
    ['cancel', 'in_review', 'cancelled', 'It is cancelled. What was done so far is kept.'],
    ['cancel', 'needs_attention', 'cancelled', 'It is cancelled. What was done so far is kept.'],
    ['cancel', 'completed', null, 'It is over already. Waits \\| for it.'],
    ['cancel', 'cancelled', null, 'It is over already. Waits \\| for it.'],
    ['pause', 'pending', 'needs_attention', 'It is paused, and its work is kept.'],
    ['pause', 'running', 'needs_attention', 'It is paused, and its work is kept.'],
    ['pause', 'in_review', null, 'Nothing runs that could be paused. Waits \\| for it.'],
    ['resume', 'running', null, 'It is not paused. Waits \\| for it.'],
  ] as const)('%s, of a job that is %s, moves it to %s', (kind, state, to, answer) => {
    const decision = decide(kind, state);

    expect(decision.move?.to ?? null).toBe(to);
    expect(decision.answer.slice(0, answer.length)).toBe(answer);
  });

  it('orders a fresh start with what was said, and ends pause and cancellation with it', () => {
    const remarks = [{ author: 'ann', text: 'Use the other way' }];
    const orders = { ...PAUSED, cancelledBy: 'ada' };

    expect(decide('retry', 'needs_attention', { orders, remarks }).orders).toEqual({
      retry: { by: 'ann', remarks },
      pause: null,
      cancelledBy: null,
    });
  });

  it('begins nothing on an issue that is closed or not with the bot', () => {
    const decision = decide('retry', 'cancelled', { isWanted: false });

    expect(decision).toEqual({ answer: 'Nothing begins before the issue is open and assigned to the bot.' });
  });

  it('ends a pause in the session there is, or afresh where something was said meanwhile', () => {
    const remarks = [{ author: 'ann', text: 'Use the other way' }];

    expect(decide('resume', 'needs_attention', { orders: PAUSED })).toMatchObject({
      orders: { pause: null },
      move: { from: 'needs_attention', to: 'available' },
    });
    expect(decide('resume', 'needs_attention', { orders: PAUSED, remarks }).orders?.retry).toEqual({
      by: 'ann',
      remarks,
    });
  });

  it('pauses nothing twice', () => {
    expect(decide('pause', 'needs_attention', { orders: PAUSED }).answer).toMatch(/^It is paused already\./);
    // A pause that was ended otherwise, as by a new assignment, is none.
    expect(decide('pause', 'running', { orders: PAUSED }).move?.to).toBe('needs_attention');
  });

  it.each<[Command, string]>([
    [{ kind: 'status' }, 'the status'],
    [{ kind: 'why' }, 'Waits \\| for it.'],
    [{ kind: 'agent', profile: 'x|y' }, 'There is no agent profile x\\|y. There are: glm, opus.'],
  ])('answers %j', (command, answer) => {
    expect(decideCommand(command, scene('running'))).toEqual({ answer });
  });

  it('says where there is no profile at all', () => {
    const { answer } = decideCommand({ kind: 'agent', profile: 'glm' }, scene('running', { profiles: [] }));

    expect(answer).toBe('There is no agent profile glm. There is none.');
  });

  it.each(JOB_STATES)('has another profile do a job that is %s at once only where it has not begun', (state) => {
    const { profile, orders } = decideCommand({ kind: 'agent', profile: 'OPUS' }, scene(state));

    expect(orders).toEqual({ profile: 'opus' });
    expect(profile === 'opus').toBe(['pending', 'available', 'retryable'].includes(state));
  });

  it('keeps the profile where the chosen one cannot take the issue', () => {
    const given = { unfitBecause: () => 'it is too small' };

    expect(decideCommand({ kind: 'agent', profile: 'opus' }, scene('pending', given))).toEqual({
      answer: 'The profile opus cannot take this issue: it is too small.',
    });
  });
});
