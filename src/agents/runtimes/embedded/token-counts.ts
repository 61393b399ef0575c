import { NO_SPEND, type Spend } from '../../agents.types.js';

function countIn(usage: Record<string, unknown>, key: string): number | null {
  const count = usage[key];
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

/**
 * Reads the token counts of one model call as they come in: the input at its start, the output at its end. Counts of
 * the Messages API are totals so far, never additions.
 */
export class TokenCounts {
  private inputTokens: number | null = null;
  private spend: Spend = NO_SPEND;

  /** Takes a `usage` object and returns what was spent since the last one. What is not a count is ignored. */
  take(usage: unknown): Spend {
    if (typeof usage !== 'object' || usage === null) return NO_SPEND;
    const counts = usage as Record<string, unknown>;
    const before = this.spend;
    this.inputTokens = countIn(counts, 'input_tokens') ?? this.inputTokens;
    this.spend = {
      inputTokens: this.inputTokens ?? 0,
      outputTokens: countIn(counts, 'output_tokens') ?? before.outputTokens,
      cacheReadTokens: countIn(counts, 'cache_read_input_tokens') ?? before.cacheReadTokens,
      cacheWriteTokens: countIn(counts, 'cache_creation_input_tokens') ?? before.cacheWriteTokens,
    };
    return {
      inputTokens: Math.max(0, this.spend.inputTokens - before.inputTokens),
      outputTokens: Math.max(0, this.spend.outputTokens - before.outputTokens),
      cacheReadTokens: Math.max(0, this.spend.cacheReadTokens - before.cacheReadTokens),
      cacheWriteTokens: Math.max(0, this.spend.cacheWriteTokens - before.cacheWriteTokens),
    };
  }

  /** What the call read, and thereby how full the window is. Null when it was not told; a total of zero tells nothing. */
  get occupancy(): number | null {
    if (this.inputTokens === null) return null;
    const total = this.inputTokens + this.spend.cacheReadTokens + this.spend.cacheWriteTokens;
    return total === 0 ? null : total;
  }
}
