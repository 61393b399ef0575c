import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { nextUtcMidnight, utcDay } from './index.js';

describe('a day by UTC', () => {
  it('ends a millisecond before the next midnight', () => {
    const midnight = nextUtcMidnight(Date.UTC(2028, 1, 28, 23, 59));

    expect(midnight).toBe(Date.UTC(2028, 1, 29));
    expect([midnight - 1, midnight].map(utcDay)).toEqual(['2028-02-28', '2028-02-29']);
    expect(nextUtcMidnight(midnight)).toBe(Date.UTC(2028, 2, 1));
  });

  it('is the same until the next midnight, and another from then on', () => {
    const moment = fc.integer({ min: 0, max: 4_000_000_000_000 });

    expect(() =>
      fc.assert(
        fc.property(moment, fc.nat(86_399_999), (at, later) => {
          const next = nextUtcMidnight(at);

          expect(utcDay(at + later) === utcDay(at)).toBe(at + later < next);
        }),
      ),
    ).not.toThrow();
  });
});
