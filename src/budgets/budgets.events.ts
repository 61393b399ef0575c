import type { DomainEvent, IssueRef } from '../kernel/index.js';

/** Something was spent, and is in the ledger. */
export interface Spent extends DomainEvent {
  readonly type: 'budgets.spent';
  readonly issue: IssueRef;
  readonly runId: string;
  readonly profile: string;
  /** Input, output, cache read and cache write together. */
  readonly tokens: number;
  /** Whole microdollars; null when the price is unknown. */
  readonly costMicroUsd: number | null;
}
