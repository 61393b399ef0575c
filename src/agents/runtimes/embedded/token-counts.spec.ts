import { describe, expect, it } from '@jest/globals';
import { NO_SPEND } from '../../agents.types.js';
import { TokenCounts } from './token-counts.js';

describe('TokenCounts', () => {
  it('adds up what a call read, and leaves its output out of the occupancy', () => {
    const counts = new TokenCounts();

    counts.take({ input_tokens: 3, cache_read_input_tokens: 50, cache_creation_input_tokens: 7, output_tokens: 1 });
    counts.take({ output_tokens: 900 });

    expect(counts.occupancy).toBe(60);
  });

  it('takes counts as totals, and returns what came since the last', () => {
    const counts = new TokenCounts();
    counts.take({ input_tokens: 10, output_tokens: 1 });

    expect(counts.take({ input_tokens: 10, output_tokens: 25 })).toEqual({ ...NO_SPEND, outputTokens: 24 });
    expect(counts.take({ output_tokens: 20 })).toEqual(NO_SPEND);
  });

  it.each([
    undefined,
    null,
    'none',
    {},
    { input_tokens: '12' },
    { input_tokens: -1 },
    { input_tokens: 1.5 },
    { input_tokens: Number.NaN },
    { input_tokens: 0, cache_read_input_tokens: null },
    { cache_read_input_tokens: 70_000 },
  ])('does not know the occupancy from %p', (usage) => {
    const counts = new TokenCounts();

    counts.take(usage);

    expect(counts.occupancy).toBeNull();
  });

  it('learns at the end what was not told at the start', () => {
    const counts = new TokenCounts();
    counts.take({ input_tokens: 0, output_tokens: 0 });

    const spend = counts.take({ input_tokens: 400, output_tokens: 8 });

    expect(counts.occupancy).toBe(400);
    expect(spend).toEqual({ ...NO_SPEND, inputTokens: 400, outputTokens: 8 });
  });
});
