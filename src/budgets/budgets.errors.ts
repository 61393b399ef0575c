import { CodedError } from '../kernel/index.js';

/** Budgets or prices that are out of range. Thrown while the module starts. */
export class InvalidBudgetsOptionsError extends CodedError<'BUDGETS_OPTIONS_INVALID'> {
  override readonly code = 'BUDGETS_OPTIONS_INVALID';
}

/** What an agent told to have spent cannot be true, such as less than nothing. */
export class InvalidSpendError extends CodedError<'BUDGETS_SPEND_INVALID'> {
  override readonly code = 'BUDGETS_SPEND_INVALID';
}
