import type { Budget, BudgetScope, SpendRefusal } from './budgets.types.js';
import { formatUsd, toMicroUsd } from './money.js';
import type { SpendTotal } from './spend-ledger.port.js';
import { nextUtcMidnight } from './utc-day.js';

/** One number that spending must stay below. */
export interface Ceiling {
  readonly scope: BudgetScope;
  readonly unit: 'tokens' | 'usd';
  /** Tokens, or microdollars. */
  readonly limit: number;
  readonly spent: number;
  /** A repository can only lower what the coordinator allows. */
  readonly setBy: 'coordinator' | 'repository';
}

/** The numbers of a budget. Where a repository allows less, its own. */
export function ceilingsOf(
  scope: BudgetScope,
  budget: Budget,
  spent: SpendTotal,
  ofRepository: Budget = { tokens: null, usd: null },
): readonly Ceiling[] {
  return (['tokens', 'usd'] as const).flatMap((unit): readonly Ceiling[] => {
    const own = budget[unit] ?? Infinity;
    const limit = Math.min(own, ofRepository[unit] ?? Infinity);
    if (limit === Infinity) return [];
    const setBy = limit < own ? 'repository' : 'coordinator';
    return unit === 'tokens'
      ? [{ scope, unit, limit, spent: spent.tokens, setBy }]
      : [{ scope, unit, limit: toMicroUsd(limit), spent: spent.costMicroUsd, setBy }];
  });
}

/** The first that is reached. What costs nothing is held back by no budget of money. */
export function reachedCeiling(ceilings: readonly Ceiling[], isFree: boolean): Ceiling | null {
  return ceilings.find(({ unit, limit, spent }) => spent >= limit && (unit === 'tokens' || !isFree)) ?? null;
}

/** What follows from a ceiling that is reached. A day's is there again the next day; the others want a person. */
export function refusalFor(ceiling: Ceiling, profile: string, now: number): SpendRefusal {
  const needsPerson = ceiling.scope === 'run' || ceiling.scope === 'issue';
  return {
    sentence: `${subjectOf(ceiling.scope, profile)} is used up: ${shareOf(ceiling)}. ${wayOut(ceiling)}`,
    needsPerson,
    retryAt: needsPerson ? null : nextUtcMidnight(now),
  };
}

function subjectOf(scope: BudgetScope, profile: string): string {
  switch (scope) {
    case 'run':
      return 'The budget of the run';
    case 'issue':
      return 'The budget of the issue, all its runs together,';
    case 'day':
      return 'The budget of the day';
    case 'profile':
      return `The budget of profile ${profile} for the day`;
  }
}

function shareOf({ unit, limit, spent }: Ceiling): string {
  if (unit === 'usd') return `${formatUsd(spent)} of ${formatUsd(limit)} are spent`;
  return `${spent.toLocaleString('en-US')} of ${limit.toLocaleString('en-US')} tokens are spent`;
}

function wayOut({ scope, unit, setBy }: Ceiling): string {
  const variable = (name: string): string => `BUDGET_${name}_${unit.toUpperCase()}`;
  switch (scope) {
    case 'run':
      return `Edit the issue, or assign it anew, for another run; or raise ${variable('RUN')}.`;
    case 'issue': {
      const source = setBy === 'repository' ? `limits.${unit} in .mosaic/coordinator.yml` : variable('ISSUE');
      return `A fresh start of the issue does not change that: raise ${source}, or write an issue for what is left of it.`;
    }
    case 'day':
      return `It goes on after midnight UTC, or once ${variable('DAY')} is raised.`;
    case 'profile':
      return `It goes on after midnight UTC, or once ${unit}PerDay of the profile is raised.`;
  }
}
