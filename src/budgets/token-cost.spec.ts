import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { InvalidSpendError, tokenCost, type SpentTokens, type TokenPrices } from './index.js';
import { isFree } from './token-cost.js';

const spent = (given: Partial<SpentTokens> = {}): SpentTokens => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  ...given,
});

describe('tokenCost', () => {
  it.each<[string, Partial<SpentTokens>, TokenPrices, number]>([
    [
      'input and output at their prices',
      { inputTokens: 1_000_000, outputTokens: 1_000_000 },
      { input: 3, output: 15 },
      18e6,
    ],
    [
      'what is read from the cache at a tenth of input',
      { cacheReadTokens: 1_000_000 },
      { input: 3, output: 15 },
      300_000,
    ],
    ['what is written to it at 1.25 times input', { cacheWriteTokens: 1_000_000 }, { input: 3, output: 15 }, 3_750_000],
    [
      'the cache at prices of its own',
      { cacheReadTokens: 1_000_000, cacheWriteTokens: 1_000_000 },
      { input: 3, output: 15, cacheRead: 0, cacheWrite: 6 },
      6_000_000,
    ],
    ['a part of a microdollar as a whole one', { cacheReadTokens: 1 }, { input: 0.000_01, output: 0 }, 1],
    ['nothing as nothing', {}, { input: 3, output: 15 }, 0],
    ['what is free as nothing', { inputTokens: 5_000_000_000 }, { input: 0, output: 0 }, 0],
    [
      'a price that floats cannot hold as it is written',
      { inputTokens: 1_000_000 },
      { input: 4.03, output: 0 },
      4_030_000,
    ],
    [
      'sums beyond what floats hold exactly',
      { inputTokens: 3_000_000_001 },
      { input: 15.000_001, output: 0 },
      45_000_003_016,
    ],
  ])('reckons %s', (_what, tokens, prices, expected) => {
    expect(tokenCost(spent(tokens), prices)).toBe(expected);
  });

  it('rounds a quarter of the smallest price up, not off', () => {
    const spent = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 1_000_000 };

    expect(tokenCost(spent, { input: 0.000_001, output: 0 })).toBe(2);
  });

  it('does not know what an unknown price makes', () => {
    expect(tokenCost(spent({ inputTokens: 1 }), null)).toBeNull();
  });

  it.each([-1, 1.5, NaN, Infinity])('refuses %d tokens, at a known price and an unknown one', (outputTokens) => {
    expect(() => tokenCost(spent({ outputTokens }), null)).toThrow(InvalidSpendError);
    expect(() => tokenCost(spent({ outputTokens }), { input: 1, output: 1 })).toThrow(InvalidSpendError);
  });

  it('never makes less of many calls than of one, nor a microdollar a call more', () => {
    const count = fc.nat(2_000_000);
    const call = fc.record({
      inputTokens: count,
      outputTokens: count,
      cacheReadTokens: count,
      cacheWriteTokens: count,
    });
    const cents = fc.nat(9_999).map((price) => price / 100);
    const sum = (calls: readonly SpentTokens[], kind: keyof SpentTokens): number =>
      calls.reduce((total, one) => total + one[kind], 0);

    expect(() =>
      fc.assert(
        fc.property(fc.array(call, { minLength: 1, maxLength: 30 }), cents, cents, (calls, input, output) => {
          const prices = { input, output };
          const together = tokenCost(
            {
              inputTokens: sum(calls, 'inputTokens'),
              outputTokens: sum(calls, 'outputTokens'),
              cacheReadTokens: sum(calls, 'cacheReadTokens'),
              cacheWriteTokens: sum(calls, 'cacheWriteTokens'),
            },
            prices,
          );

          const apart = calls.reduce((total, one) => total + (tokenCost(one, prices) ?? NaN), 0);

          expect(apart).toBeGreaterThanOrEqual(together ?? NaN);
          expect(apart - (together ?? NaN)).toBeLessThan(calls.length);
        }),
      ),
    ).not.toThrow();
  });
});

describe('isFree', () => {
  it.each<[TokenPrices | null, boolean]>([
    [{ input: 0, output: 0 }, true],
    [{ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, true],
    [{ input: 0, output: 1 }, false],
    [{ input: 1, output: 0 }, false],
    [{ input: 0, output: 0, cacheRead: 0.1 }, false],
    [{ input: 0, output: 0, cacheWrite: 0.1 }, false],
    [null, false],
  ])('says of %j: %s', (prices, expected) => {
    expect(isFree(prices)).toBe(expected);
  });
});
