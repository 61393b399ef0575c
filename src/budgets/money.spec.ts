import { describe, expect, it } from '@jest/globals';

import { formatUsd, toMicroUsd, toUsd } from './index.js';

describe('formatUsd', () => {
  it.each([
    [0, '$0.00'],
    [1, '$0.0001'],
    [4_200, '$0.0042'],
    [9_999, '$0.0100'],
    [10_000, '$0.01'],
    [20_310_001, '$20.32'],
    [1_204_500_000, '$1,204.50'],
  ])('writes %d microdollars as %s', (microUsd, text) => {
    expect(formatUsd(microUsd)).toBe(text);
  });
});

describe('microdollars', () => {
  it('are whole, though dollars are not', () => {
    expect([0.1 + 0.2, 19.99, 1e9].map(toMicroUsd)).toEqual([300_000, 19_990_000, 1e15]);
    expect(toUsd(20_310_000)).toBe(20.31);
  });
});
