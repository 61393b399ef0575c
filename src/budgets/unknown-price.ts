import type { BudgetsOptions } from './budgets.options.js';
import type { BudgetedProfile } from './budgets.types.js';

/** Whether nothing bounds what a profile costs: its price is unknown, and no budget in tokens holds for it. */
export function isUnbounded(
  { prices, budget }: BudgetedProfile,
  { perRun, perIssue, perDay }: Pick<BudgetsOptions, 'perRun' | 'perIssue' | 'perDay'>,
): boolean {
  if (prices !== null) return false;
  return [perRun.tokens, perIssue.tokens, perDay.tokens, budget?.tokensPerDay ?? null].every(
    (tokens) => tokens === null,
  );
}

export function unboundedSentence(profile: string): string {
  return (
    `The price of profile ${profile} is unknown and there is no budget in tokens, so that nothing bounds what it costs. ` +
    'State its prices in the profile file, or set a budget in tokens such as BUDGET_ISSUE_TOKENS.'
  );
}
