import type { IssueRef } from '../kernel/index.js';

/** Tokens that were paid for, by kind. Whole numbers from 0. */
export interface SpentTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

/** Prices in US dollars per million tokens. */
export interface TokenPrices {
  readonly input: number;
  readonly output: number;
  /** @default a tenth of `input` */
  readonly cacheRead?: number;
  /** @default 1.25 times `input` */
  readonly cacheWrite?: number;
}

/** How much may be spent. Null: no budget. 0 lets nothing be spent. */
export interface Budget {
  /** Input, output, cache read and cache write, counted alike. */
  readonly tokens: number | null;
  /** US dollars. Holds back nothing that costs nothing. */
  readonly usd: number | null;
}

/** An agent profile, as far as money is concerned. */
export interface BudgetedProfile {
  readonly name: string;
  /** Null when unknown; all zero where tokens cost nothing. */
  readonly prices: TokenPrices | null;
  /** What all runs of the profile together may spend on one day. */
  readonly budget?: { readonly tokensPerDay: number | null; readonly usdPerDay: number | null } | null;
}

/** Who spends. */
export interface SpendingRun {
  readonly runId: string;
  readonly issue: IssueRef;
  readonly profile: BudgetedProfile;
  /** What the issue's repository allows for one issue. It can only make the coordinator's budget smaller. */
  readonly repositoryBudget?: Budget | null;
}

/** Why a run may not go on spending. */
export interface SpendRefusal {
  /** What is used up, and what can be done about it, for people. */
  readonly sentence: string;
  /** Waiting alone changes nothing. */
  readonly needsPerson: boolean;
  /** From when on it may be tried again, in milliseconds since 1970; null where a person is needed. */
  readonly retryAt: number | null;
}

export const BUDGET_SCOPES = ['run', 'issue', 'day', 'profile'] as const;
/** What a budget is for. *day*: everything on one day, by UTC. *profile*: one profile's part of it. */
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** What was spent, for showing. Unknown is null, never zero. */
export interface SpendView {
  readonly tokens: number;
  /** US dollars; null where the price of a part is unknown. */
  readonly usd: number | null;
  /** US dollars of the part whose price is known. */
  readonly usdAtLeast: number;
}

/** A budget, what of it is spent and what is left. Nothing is left of one that was overshot, rather than less. */
export interface BudgetView {
  readonly budget: Budget;
  readonly spent: SpendView;
  /** Null where there is no budget. Of money at most that: what has an unknown price is not taken off. */
  readonly remaining: Budget;
}

export interface ProfileSpendView extends BudgetView {
  readonly name: string;
  /** *free*: every price is zero. *unlisted*: it has spent something today, and is no profile any more. */
  readonly price: 'known' | 'free' | 'unknown' | 'unlisted';
  /** Why nothing is begun with it at present, in a sentence; null when it may be used. */
  readonly closedBecause: string | null;
}

/** Where the budgets stand. */
export interface SpendStanding {
  /** The present day by UTC, such as `2026-03-31`. */
  readonly day: string;
  /** When the next day begins, in ISO 8601. */
  readonly nextDayAt: string;
  readonly today: BudgetView;
  readonly profiles: readonly ProfileSpendView[];
  /** What one run and one issue may spend. */
  readonly perRun: Budget;
  readonly perIssue: Budget;
}
