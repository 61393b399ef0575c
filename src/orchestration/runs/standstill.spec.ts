import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { GateResult } from '../../quality-gates/index.js';
import { NOTHING_DONE, failuresOf, fingerprintOf } from './fingerprint.js';
import { standstillOf } from './standstill.js';

/** How many rounds a job has that leaves these in turn, over and over; at most so many. */
function roundsUntilStopped(pattern: readonly string[], limit: number, most = 1_000): number {
  const seen: string[] = [];
  do {
    seen.push(pattern[seen.length % pattern.length] ?? '');
  } while (standstillOf(seen, limit) === null && seen.length < most);
  return seen.length;
}

const LETTERS = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const LIMIT = fc.integer({ min: 1, max: 6 });

describe('standstillOf', () => {
  it.each([
    ['', null],
    ['a', null],
    ['aa', null],
    ['aaa', 'unchanged'],
    ['aba', null],
    ['abab', 'oscillating'],
    ['abcab', 'oscillating'],
    ['abcabc', 'oscillating'],
    ['aabb', null],
    ['aabbb', 'unchanged'],
    ['abba', 'oscillating'],
    ['abaac', null],
    ['aabaa', 'oscillating'],
  ])('of the rounds %j is %j', (rounds, standstill) => {
    expect(standstillOf(rounds.split(''), 3)).toBe(standstill);
  });

  it('is idle after the second claim with nothing changed, whatever came between', () => {
    expect(standstillOf([NOTHING_DONE], 9)).toBeNull();
    expect(standstillOf([NOTHING_DONE, NOTHING_DONE], 9)).toBe('idle');
    expect(standstillOf([NOTHING_DONE, 'a', NOTHING_DONE], 9)).toBe('idle');
    expect(standstillOf([NOTHING_DONE, 'a', NOTHING_DONE, 'b'], 9)).toBeNull();
  });

  it('stops whoever leaves the same with the round that is the limit', () => {
    fc.assert(fc.property(LIMIT, (limit) => expect(roundsUntilStopped(['a'], limit)).toBe(limit)));
  });

  it.each([2, 3])('finds a circle of %d, within one time round and the limit', (period) => {
    const pattern = ['a', 'b', 'c'].slice(0, period);

    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), (limit) => {
        expect(roundsUntilStopped(pattern, limit)).toBe(period - 1 + limit);
      }),
    );
  });

  it('never lets rounds of few kinds go on for ever', () => {
    fc.assert(
      fc.property(fc.array(LETTERS, { minLength: 1, maxLength: 40 }), LIMIT, (pattern, limit) => {
        expect(roundsUntilStopped(pattern, limit)).toBeLessThanOrEqual(new Set(pattern).size * limit);
      }),
    );
  });

  it('begins to count anew with whatever was never there before', () => {
    fc.assert(
      fc.property(fc.array(LETTERS, { maxLength: 20 }), fc.integer({ min: 2, max: 6 }), (rounds, limit) => {
        const withNews = [...rounds, 'new'];

        expect(standstillOf(withNews, limit)).toBeNull();
        expect(standstillOf([...withNews, ...Array.from({ length: limit - 2 }, () => 'new')], limit)).toBeNull();
      }),
    );
  });

  it('lets go on whoever leaves something else each time', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.integer({ min: 2, max: 6 }), (rounds, limit) => {
        expect(standstillOf(rounds, limit)).toBeNull();
      }),
    );
  });
});

describe('fingerprintOf', () => {
  const trace = { tree: 'a'.repeat(40), diff: ' a.txt | 1 +', failures: ['lint', 'test: adds'] };

  it('is the same for the same failures in any order, each told once or more often', () => {
    expect(fingerprintOf({ ...trace, failures: ['test: adds', 'lint', 'lint'] })).toBe(fingerprintOf(trace));
  });

  it.each([
    { ...trace, tree: null },
    { ...trace, diff: '' },
    { ...trace, failures: ['lint'] },
    { ...trace, failures: ['lint', 'test', 'adds'] },
  ])('is another for %j', (other) => {
    expect(fingerprintOf(other)).not.toBe(fingerprintOf(trace));
  });
});

describe('failuresOf', () => {
  const result = { gate: 'test', passed: false, fault: 'change', summary: '2 failed in 3.2 s' } as GateResult;

  it('names the failing tests, or the gate where none is known, and nothing that passed or only advises', () => {
    const failures = [
      { name: 'adds', message: 'expected 1, got 2 at 0x7f' },
      { name: 'subtracts', message: '' },
    ];
    const results = [
      { ...result, failures },
      { ...result, gate: 'build' },
      { ...result, gate: 'lint', passed: true },
      { ...result, gate: 'scan', isAdvisory: true as const },
    ];

    expect(failuresOf({ results })).toEqual(['test: adds', 'test: subtracts', 'build']);
  });
});
