import type { SpentTokens } from './budgets.types.js';

/** What one run spent at one moment. */
export interface SpendEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly runId: string;
  /** The issue's key: see `issueKey`. */
  readonly issueId: string;
  readonly profile: string;
  readonly tokens: SpentTokens;
  /** Whole microdollars; null when the price was unknown. */
  readonly costMicroUsd: number | null;
}

/** The sum of entries. */
export interface SpendTotal {
  /** Tokens of every kind together. */
  readonly tokens: number;
  /** Whole microdollars of the entries whose price was known. */
  readonly costMicroUsd: number;
  /** Tokens of the entries whose price was unknown; they are in `tokens` too. */
  readonly unpricedTokens: number;
}

/**
 * What was spent, by whom and when. It only grows, and outlives runs, jobs and restarts. Where several coordinators
 * share it, each sees what the others have added.
 */
export interface SpendLedger {
  /**
   * Adds all entries or none, durably. Two callers at once lose nothing of each other's; adding again adds again.
   *
   * @throws {InvalidSpendError} if a count is no whole number from 0
   */
  add(entries: readonly SpendEntry[]): Promise<void>;
  ofRun(runId: string): Promise<SpendTotal>;
  ofIssue(issueId: string): Promise<SpendTotal>;
  /** What was spent on a day by UTC, such as `2026-03-31`, by profile. Profiles that spent nothing are not in it. */
  ofDay(day: string): Promise<ReadonlyMap<string, SpendTotal>>;
}

export const SPEND_LEDGER = Symbol('SPEND_LEDGER');
