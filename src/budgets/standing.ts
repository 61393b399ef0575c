import type { BudgetsOptions } from './budgets.options.js';
import type { Budget, BudgetView, BudgetedProfile, ProfileSpendView, SpendStanding } from './budgets.types.js';
import { toMicroUsd, toUsd } from './money.js';
import type { SpendTotal } from './spend-ledger.port.js';
import { NOTHING_SPENT, sumOf, viewOf } from './spend-total.js';
import { isFree } from './token-cost.js';
import { nextUtcMidnight, utcDay } from './utc-day.js';

/** Where the budgets stand, from what was spent today. Profiles in their own order, then those that are none any more. */
export function standingOf(
  { perRun, perIssue, perDay, profiles }: Pick<BudgetsOptions, 'perRun' | 'perIssue' | 'perDay' | 'profiles'>,
  spent: ReadonlyMap<string, SpendTotal>,
  closed: ReadonlyMap<string, string>,
  now: number,
): SpendStanding {
  const unlisted = [...spent.keys()].filter((name) => !profiles.some((profile) => profile.name === name)).sort();
  return {
    day: utcDay(now),
    nextDayAt: new Date(nextUtcMidnight(now)).toISOString(),
    today: budgetView(perDay, sumOf(spent.values())),
    profiles: [...profiles, ...unlisted.map((name) => ({ name, prices: null }))].map((profile): ProfileSpendView => ({
      name: profile.name,
      price: unlisted.includes(profile.name) ? 'unlisted' : priceOf(profile),
      closedBecause: closed.get(profile.name) ?? null,
      ...budgetView(ownBudget(profile), spent.get(profile.name) ?? NOTHING_SPENT),
    })),
    perRun,
    perIssue,
  };
}

/** A profile's own budget for one day. */
export function ownBudget({ budget }: BudgetedProfile): Budget {
  return { tokens: budget?.tokensPerDay ?? null, usd: budget?.usdPerDay ?? null };
}

function budgetView(budget: Budget, total: SpendTotal): BudgetView {
  const { tokens, usd } = budget;
  return {
    budget,
    spent: viewOf(total),
    remaining: {
      tokens: tokens === null ? null : Math.max(0, tokens - total.tokens),
      usd: usd === null ? null : toUsd(Math.max(0, toMicroUsd(usd) - total.costMicroUsd)),
    },
  };
}

function priceOf({ prices }: BudgetedProfile): ProfileSpendView['price'] {
  if (prices === null) return 'unknown';
  return isFree(prices) ? 'free' : 'known';
}
