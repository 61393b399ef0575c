import { describe, expect, it } from '@jest/globals';

import { resolveBudgetsOptions, type BudgetsModuleOptions } from './index.js';

describe('resolveBudgetsOptions', () => {
  it('bounds the money of an issue and of a day where nothing is said', () => {
    expect(resolveBudgetsOptions({})).toMatchObject({
      perRun: { tokens: null, usd: null },
      perIssue: { tokens: null, usd: 20 },
      perDay: { tokens: null, usd: 100 },
      profiles: [],
    });
  });

  it('fills in what a budget leaves out, and takes null and 0 as said', () => {
    const given = { perIssue: { usd: null }, perDay: { tokens: 0 } };

    expect(resolveBudgetsOptions(given)).toMatchObject({
      perIssue: { tokens: null, usd: null },
      perDay: { tokens: 0, usd: 100 },
    });
  });

  it.each<[string, BudgetsModuleOptions]>([
    ['tokens of perRun must be a whole number from 0 or null, got 1.5', { perRun: { tokens: 1.5 } }],
    ['tokens of perIssue must be a whole number from 0 or null, got -1', { perIssue: { tokens: -1 } }],
    ['usd of perIssue must be a number from 0 or null, got -1', { perIssue: { usd: -1 } }],
    ['usd of perDay must be a number from 0 or null, got NaN', { perDay: { usd: NaN } }],
    ['usd of perDay must be a number from 0 or null, got 1000000001', { perDay: { usd: 1e9 + 1 } }],
    [
      'the price output of profile opus must be a number from 0, got -5',
      { profiles: [{ name: 'opus', prices: { input: 5, output: -5 } }] },
    ],
    [
      'usd of profile opus must be a number from 0 or null, got -5',
      { profiles: [{ name: 'opus', prices: null, budget: { tokensPerDay: null, usdPerDay: -5 } }] },
    ],
    [
      'two profiles are called opus',
      {
        profiles: [
          { name: 'opus', prices: null },
          { name: 'opus', prices: null },
        ],
      },
    ],
  ])('says that %s', (fault, given) => {
    expect(() => resolveBudgetsOptions(given)).toThrow(
      expect.objectContaining({ code: 'BUDGETS_OPTIONS_INVALID', message: `Budgets cannot be kept: ${fault}` }),
    );
  });
});
