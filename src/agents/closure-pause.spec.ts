import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CLOSURE_CAUSES } from './agents.events.js';
import { closurePauseMs } from './closure-pause.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MIDDLE = 0.5;

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const tries = fc.nat(2_000);

describe('closurePauseMs', () => {
  it.each([
    ['auth', 0, 15 * MINUTE],
    ['auth', 9, 15 * MINUTE],
    ['spend_limit', 0, HOUR],
    ['spend_limit', 9, HOUR],
    ['rate_limit', 0, 15_000],
    ['rate_limit', 1, 30_000],
    ['rate_limit', 4, 4 * MINUTE],
    ['rate_limit', 7, 30 * MINUTE],
    ['network', 0, 15_000],
    ['network', 2_000, 30 * MINUTE],
  ] as const)('pauses after %s, tried in vain %i times, for %i ms', (cause, earlier, pauseMs) => {
    expect(closurePauseMs(cause, null, earlier, MIDDLE)).toBe(pauseMs);
  });

  it('varies a pause of its own by a tenth', () => {
    expect([0, 1].map((chance) => closurePauseMs('rate_limit', null, 0, chance))).toEqual([13_500, 16_500]);
    fc.assert(
      fc.property(fc.constantFrom(...CLOSURE_CAUSES), tries, fraction, (cause, earlier, chance) => {
        const ratio = closurePauseMs(cause, null, earlier, chance) / closurePauseMs(cause, null, earlier, MIDDLE);
        expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(0.1001);
      }),
    );
  });

  it('keeps the pause that a busy model asked for, and at most a tenth more, unless its own is longer', () => {
    fc.assert(
      fc.property(fc.nat(24 * HOUR), tries, fraction, (askedMs, earlier, chance) => {
        const own = closurePauseMs('rate_limit', null, earlier, chance);
        const pauseMs = closurePauseMs('rate_limit', askedMs, earlier, chance);
        expect(pauseMs).toBeGreaterThanOrEqual(Math.max(askedMs, own));
        expect(pauseMs).toBeLessThanOrEqual(Math.max(Math.ceil(askedMs * 1.1), own));
      }),
    );
  });

  it('has patience with a model that asks for a second again and again', () => {
    const pauses = [0, 1, 2, 3].map((earlier) => closurePauseMs('rate_limit', 1_000, earlier, MIDDLE));

    expect(pauses).toEqual([15_000, 30_000, MINUTE, 2 * MINUTE]);
  });

  it('believes nobody who asks for more than a day', () => {
    expect(closurePauseMs('rate_limit', 9_999 * HOUR, 0, 0)).toBe(24 * HOUR);
  });

  it('does not try a spent account sooner because somebody says so, but later', () => {
    expect(closurePauseMs('spend_limit', 1_000, 0, MIDDLE)).toBe(HOUR);
    expect(closurePauseMs('spend_limit', 5 * HOUR, 0, 0)).toBe(5 * HOUR);
  });
});
