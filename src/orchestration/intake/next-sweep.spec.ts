import { describe, expect, it } from '@jest/globals';

import { nextSweepMs } from './next-sweep.js';

const BASE = { baseMs: 300_000, presentMs: 300_000, deliveries: 0, found: 0 };

/** The intervals that follow from each other when the same is seen again and again. */
function intervals(seen: Partial<typeof BASE>, times: number): readonly number[] {
  const all: number[] = [];
  let presentMs = BASE.presentMs;
  for (let time = 0; time < times; time += 1) {
    presentMs = nextSweepMs({ ...BASE, ...seen, presentMs });
    all.push(presentMs / BASE.baseMs);
  }
  return all;
}

describe('nextSweepMs', () => {
  it('stretches to four times its base while webhooks come and tell everything', () => {
    expect(intervals({ deliveries: 3 }, 4)).toEqual([2, 4, 4, 4]);
  });

  it('shrinks to a quarter of its base while none come', () => {
    expect(intervals({}, 4)).toEqual([0.5, 0.25, 0.25, 0.25]);
  });

  it('shrinks at once to a quarter where a sweep finds what no webhook told', () => {
    expect(nextSweepMs({ ...BASE, presentMs: 1_200_000, deliveries: 9, found: 1 })).toBe(75_000);
  });

  it('grows again from a quarter', () => {
    expect(nextSweepMs({ ...BASE, presentMs: 75_000, deliveries: 1 })).toBe(150_000);
  });
});
