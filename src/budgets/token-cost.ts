import { InvalidSpendError } from './budgets.errors.js';
import type { SpentTokens, TokenPrices } from './budgets.types.js';

/** A price in dollars per million tokens has so many steps to the dollar. A step is a millionth of a microdollar a token. */
const STEPS_PER_DOLLAR = 1_000_000;

/**
 * What tokens cost, in whole microdollars, rounded up once: sums of it are exact whatever their order, and never less
 * than what was spent. Null when the price is unknown.
 *
 * @throws {InvalidSpendError} if a count is no whole number from 0
 */
export function tokenCost(spent: SpentTokens, prices: TokenPrices | null): number | null {
  tokenCount(spent);
  if (prices === null) return null;
  const input = steps(prices.input);
  const cost =
    BigInt(spent.inputTokens) * input +
    BigInt(spent.outputTokens) * steps(prices.output) +
    BigInt(spent.cacheReadTokens) * (prices.cacheRead === undefined ? upTo(input, 10n) : steps(prices.cacheRead)) +
    BigInt(spent.cacheWriteTokens) *
      (prices.cacheWrite === undefined ? upTo(input * 5n, 4n) : steps(prices.cacheWrite));
  return Number(upTo(cost, BigInt(STEPS_PER_DOLLAR)));
}

/**
 * All tokens, whatever their kind.
 *
 * @throws {InvalidSpendError} if a count is no whole number from 0
 */
export function tokenCount(spent: SpentTokens): number {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = spent;
  const counts = [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens];
  if (counts.some((count) => !Number.isSafeInteger(count) || count < 0)) {
    throw new InvalidSpendError(`Expected whole numbers of tokens from 0, got ${counts.join(', ')}`);
  }
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Whether tokens cost nothing. An unknown price is not nothing. */
export function isFree(prices: TokenPrices | null): boolean {
  return prices !== null && [prices.input, prices.output, prices.cacheRead, prices.cacheWrite].every((price) => !price);
}

function steps(price: number): bigint {
  return BigInt(Math.ceil(price * STEPS_PER_DOLLAR - ROUNDING_OF_FLOATS));
}

/** 4.03 × 1,000,000 is 4,030,000.0000000005 and means 4,030,000. */
const ROUNDING_OF_FLOATS = 1e-4;

function upTo(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
