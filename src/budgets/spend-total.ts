import { toUsd } from './money.js';
import type { SpendView } from './budgets.types.js';
import type { SpendEntry, SpendTotal } from './spend-ledger.port.js';
import { tokenCount } from './token-cost.js';

export const NOTHING_SPENT: SpendTotal = { tokens: 0, costMicroUsd: 0, unpricedTokens: 0 };

export function addTotals(a: SpendTotal, b: SpendTotal): SpendTotal {
  return {
    tokens: a.tokens + b.tokens,
    costMicroUsd: a.costMicroUsd + b.costMicroUsd,
    unpricedTokens: a.unpricedTokens + b.unpricedTokens,
  };
}

export function sumOf(totals: Iterable<SpendTotal>): SpendTotal {
  return [...totals].reduce(addTotals, NOTHING_SPENT);
}

/** One entry as a total. */
export function totalOf({ tokens, costMicroUsd }: SpendEntry): SpendTotal {
  const count = tokenCount(tokens);
  return { tokens: count, costMicroUsd: costMicroUsd ?? 0, unpricedTokens: costMicroUsd === null ? count : 0 };
}

/** A total for showing. */
export function viewOf({ tokens, costMicroUsd, unpricedTokens }: SpendTotal): SpendView {
  const usdAtLeast = toUsd(costMicroUsd);
  return { tokens, usd: unpricedTokens > 0 ? null : usdAtLeast, usdAtLeast };
}
