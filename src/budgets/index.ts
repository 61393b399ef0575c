export { BudgetService } from './budget.service.js';
export { InvalidBudgetsOptionsError, InvalidSpendError } from './budgets.errors.js';
export type { Spent } from './budgets.events.js';
export { BudgetsModule } from './budgets.module.js';
export { resolveBudgetsOptions, type BudgetsModuleOptions, type BudgetsOptions } from './budgets.options.js';
export {
  BUDGET_SCOPES,
  type Budget,
  type BudgetScope,
  type BudgetView,
  type BudgetedProfile,
  type ProfileSpendView,
  type SpendRefusal,
  type SpendStanding,
  type SpendView,
  type SpendingRun,
  type SpentTokens,
  type TokenPrices,
} from './budgets.types.js';
export { InMemorySpendLedger } from './in-memory-spend-ledger.js';
export { formatUsd, toMicroUsd, toUsd } from './money.js';
export { SPEND_LEDGER, type SpendEntry, type SpendLedger, type SpendTotal } from './spend-ledger.port.js';
export { tokenCost, tokenCount } from './token-cost.js';
export { isUnbounded, unboundedSentence } from './unknown-price.js';
export { nextUtcMidnight, utcDay } from './utc-day.js';
