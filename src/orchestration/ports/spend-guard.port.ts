import type { AgentProfile, Spend } from '../../agents/index.js';
import type { SpendView } from '../../budgets/index.js';
import type { IssueRef } from '../../kernel/index.js';

/** Who spends. */
export interface SpendingRun {
  readonly jobId: string;
  readonly runId: string;
  readonly issue: IssueRef;
  readonly profile: AgentProfile;
  /** What the issue's repository lets one issue spend, all its runs together; null or left out: no less than others do. */
  readonly repositoryBudget?: { readonly tokens: number | null; readonly usd: number | null } | null;
}

/** Why a run may not spend. */
export interface SpendRefusal {
  /** In one sentence, for people. */
  readonly sentence: string;
  /** Waiting changes nothing: a person must act. */
  readonly needsPerson: boolean;
  /** Milliseconds since 1970 from which it may spend again; null when that is not known. */
  readonly retryAt: number | null;
}

/** Counts what runs spend, and says when one may spend no more. */
export interface SpendGuard {
  /**
   * Told what a model call cost, once and in order; of a run that was stopped too, for that was spent all the same. It
   * resolves when the spend is counted.
   */
  spent(run: SpendingRun, spend: Spend): Promise<void> | void;
  /** Asked before an agent is started, before each prompt and compaction, and after each spend. Null: it may spend. */
  refusal(run: SpendingRun): Promise<SpendRefusal | null>;
  /** What an issue has cost so far, for showing. Left out by a guard that does not reckon it. */
  spentOn?(issue: IssueRef): Promise<SpendView>;
}

/** Allows everything and counts nothing. The default. */
export const UNGUARDED_SPEND: SpendGuard = {
  spent: () => undefined,
  refusal: () => Promise.resolve(null),
};
