import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { assertLegalMove, IllegalJobMoveError, JOB_STATES, NEXT_STATES, UNSETTLED_STATES } from './job-states.js';

const DOCUMENT = readFileSync(new URL('../../docs/job-states.md', import.meta.url), 'utf8');

describe('job states', () => {
  it('are drawn with the arrows of the table, and no others', () => {
    const drawn = [...DOCUMENT.matchAll(/^ +(\w+) --> (\w+)$/gm)].map(([, from, to]) => `${from} ${to}`);

    const coded = JOB_STATES.flatMap((from) => NEXT_STATES[from].map((to) => `${from} ${to}`));
    expect(drawn).toHaveLength(coded.length);
    expect([...drawn].sort()).toEqual(coded.sort());
  });

  it('are each described', () => {
    const described = [...DOCUMENT.matchAll(/^\| `(\w+)` +\|/gm)].map(([, state]) => state);

    expect(described).toEqual([...JOB_STATES]);
  });

  it('begin in pending or available', () => {
    const beginnings = [...DOCUMENT.matchAll(/^ +\[\*\] --> (\w+)$/gm)].map(([, state]) => state);

    expect(beginnings).toEqual(['pending', 'available']);
  });

  it('all lead back to waiting for a turn', () => {
    for (const state of JOB_STATES) {
      expect([...NEXT_STATES[state], state]).toEqual(expect.arrayContaining(['pending', 'available']));
    }
  });

  it('are settled when completed or cancelled, and only then', () => {
    expect(JOB_STATES.filter((state) => !UNSETTLED_STATES.some((other) => other === state))).toEqual([
      'completed',
      'cancelled',
    ]);
  });

  it('allow the moves of the table and refuse every other', () => {
    const pairs = JOB_STATES.flatMap((from) => JOB_STATES.map((to) => ({ from, to })));
    const legal = pairs.filter(({ from, to }) => NEXT_STATES[from].includes(to));
    const illegal = pairs.filter(({ from, to }) => !NEXT_STATES[from].includes(to));

    for (const { from, to } of legal) expect(() => assertLegalMove(from, to)).not.toThrow();
    for (const { from, to } of illegal) expect(() => assertLegalMove(from, to)).toThrow(IllegalJobMoveError);
  });

  it('name both states of an illegal move', () => {
    expect(() => assertLegalMove('completed', 'in_review')).toThrow('A job cannot go from completed to in_review');
  });
});
