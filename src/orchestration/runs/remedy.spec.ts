import { describe, expect, it } from '@jest/globals';

import type { TurnResult } from '../../agents/index.js';
import { diagnoseTurn } from './diagnose-turn.js';
import { remedyFor } from './remedy.js';
import type { WatchedOutcome } from './watched-call.js';

describe('remedyFor', () => {
  it.each([
    ['silence', ['prompt', 'resume', 'give-up', 'give-up']],
    ['crash', ['resume', 'resume', 'hand-over', 'give-up']],
    ['interruption', ['prompt', 'prompt', 'give-up', 'give-up']],
  ] as const)('becomes harsher with each %s', (mishap, remedies) => {
    expect([1, 2, 3, 4].map((times) => remedyFor(mishap, times, 2))).toEqual(remedies);
  });
});

describe('diagnoseTurn', () => {
  const turn = (stop: TurnResult['stop'], detail: string | null = null): TurnResult => ({
    stop,
    text: '',
    detail,
    retryAfterMs: null,
  });
  const outcome = (given: Partial<WatchedOutcome<TurnResult>>): WatchedOutcome<TurnResult> => ({
    answer: turn('interrupted'),
    warning: null,
    wasStopped: false,
    wasAlive: true,
    ...given,
  });

  it.each([
    [{ answer: turn('end_turn') }, { kind: 'ended', turn: turn('end_turn') }],
    [
      { answer: turn('error'), warning: 'silent' },
      { kind: 'ended', turn: turn('error') },
    ],
    [
      { answer: turn('end_turn'), warning: 'too-long' },
      { kind: 'ended', turn: turn('end_turn') },
    ],
    [{ answer: turn('context_exhausted'), wasStopped: true }, { kind: 'exhausted' }],
    [
      { answer: turn('crashed', 'Killed'), warning: 'silent' },
      { kind: 'mishap', mishap: 'crash', detail: 'Killed', isClosed: true },
    ],
    [
      { answer: turn('crashed') },
      { kind: 'mishap', mishap: 'crash', detail: 'The agent ended in the middle of its turn', isClosed: true },
    ],
    [{ warning: 'too-long' }, { kind: 'too-long' }],
    [{ answer: null, warning: 'too-long' }, { kind: 'too-long' }],
    [
      { answer: null, wasStopped: true },
      { kind: 'mishap', mishap: 'silence', detail: 'The agent did not stop when it was asked to', isClosed: true },
    ],
    [
      { warning: 'silent', wasStopped: true },
      { kind: 'mishap', mishap: 'silence', detail: 'The agent gave no sign of life', isClosed: false },
    ],
    [{ wasStopped: true }, { kind: 'stopped' }],
    [
      {},
      {
        kind: 'mishap',
        mishap: 'interruption',
        detail: 'Its turn was interrupted, and not by the coordinator',
        isClosed: false,
      },
    ],
  ] as const)('of %j is %j', (given, diagnosis) => {
    expect(diagnoseTurn(outcome(given))).toEqual(diagnosis);
  });
});
