import { Inject, Injectable } from '@nestjs/common';

import { issueKey, type IssueRef } from '../kernel/index.js';
import { BUDGETS_OPTIONS, type BudgetsOptions } from './budgets.options.js';
import type { Spent } from './budgets.events.js';
import type {
  BudgetedProfile,
  SpendRefusal,
  SpendStanding,
  SpendView,
  SpendingRun,
  SpentTokens,
} from './budgets.types.js';
import { ceilingsOf, reachedCeiling, refusalFor, type Ceiling } from './ceilings.js';
import type { SpendEntry, SpendTotal } from './spend-ledger.port.js';
import { NOTHING_SPENT, sumOf, viewOf } from './spend-total.js';
import { isUnbounded, unboundedSentence } from './unknown-price.js';
import { ownBudget, standingOf } from './standing.js';
import { isFree, tokenCost, tokenCount } from './token-cost.js';
import { utcDay } from './utc-day.js';

interface Unwritten {
  readonly entry: SpendEntry;
  readonly event: Spent;
}

/**
 * Decides whether a run may go on spending.
 *
 * It writes down and answers; it stops nobody. What a call of a model costs is known when it is over, so that a budget
 * is overshot by what is under way when it is reached: at most one call for each session. No sum is kept here: each
 * answer asks the ledger, so that what other processes spend, and what an earlier one spent, counts at once.
 */
@Injectable()
export class BudgetService {
  /** In the order they came. Nothing may be spent while it is not empty. */
  private readonly unwritten: Unwritten[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor(@Inject(BUDGETS_OPTIONS) private readonly options: BudgetsOptions) {}

  /**
   * Writes down what was spent since the last time. Where the ledger fails, it is kept and written before the next
   * answer: nothing that was spent is forgotten while the process lives.
   *
   * @throws {InvalidSpendError} if a count is no whole number from 0
   */
  async spent(run: SpendingRun, spend: SpentTokens): Promise<void> {
    const { runId, issue, profile } = run;
    const { name, prices } = profile;
    const costMicroUsd = tokenCost(spend, prices);
    const tokens = tokenCount(spend);
    if (tokens === 0) return;
    this.unwritten.push({
      entry: {
        at: this.options.clock.now(),
        runId,
        issueId: issueKey(issue),
        profile: name,
        tokens: spend,
        costMicroUsd,
      },
      event: { type: 'budgets.spent', issue, runId, profile: name, tokens, costMicroUsd },
    });
    await this.write();
  }

  /**
   * Why the run may spend nothing more; null when it may. Rejects where the ledger does: what cannot be counted may not
   * be spent.
   */
  async refusal({ runId, issue, profile, repositoryBudget }: SpendingRun): Promise<SpendRefusal | null> {
    const { clock, ledger, perRun, perIssue } = this.options;
    await this.write();
    const now = clock.now();
    if (isUnbounded(profile, this.options)) {
      return { sentence: unboundedSentence(profile.name), needsPerson: true, retryAt: null };
    }
    const ceilings = [
      ...ceilingsOf('run', perRun, await ledger.ofRun(runId)),
      ...ceilingsOf('issue', perIssue, await ledger.ofIssue(issueKey(issue)), repositoryBudget ?? undefined),
      ...this.ceilingsOfDay(profile, await ledger.ofDay(utcDay(now))),
    ];
    const reached = reachedCeiling(ceilings, isFree(profile.prices));
    return reached === null ? null : refusalFor(reached, profile.name, now);
  }

  /** The profiles with which nothing may be begun at present, each with a sentence that says why. */
  async closedProfiles(): Promise<ReadonlyMap<string, string>> {
    await this.write();
    const now = this.options.clock.now();
    const spent = await this.options.ledger.ofDay(utcDay(now));
    return this.closedBy(spent, now);
  }

  /** Where the budgets stand, for showing. */
  async standing(): Promise<SpendStanding> {
    await this.write();
    const now = this.options.clock.now();
    const spent = await this.options.ledger.ofDay(utcDay(now));
    return standingOf(this.options, spent, this.closedBy(spent, now), now);
  }

  /** What an issue has cost so far, all its runs together. */
  async spentOn(issue: IssueRef): Promise<SpendView> {
    return viewOf(await this.options.ledger.ofIssue(issueKey(issue)));
  }

  private closedBy(spent: ReadonlyMap<string, SpendTotal>, now: number): ReadonlyMap<string, string> {
    const closed = new Map<string, string>();
    for (const profile of this.options.profiles) {
      const reached = reachedCeiling(this.ceilingsOfDay(profile, spent), isFree(profile.prices));
      if (isUnbounded(profile, this.options)) closed.set(profile.name, unboundedSentence(profile.name));
      else if (reached !== null) closed.set(profile.name, refusalFor(reached, profile.name, now).sentence);
    }
    return closed;
  }

  private ceilingsOfDay(profile: BudgetedProfile, spent: ReadonlyMap<string, SpendTotal>): readonly Ceiling[] {
    return [
      ...ceilingsOf('day', this.options.perDay, sumOf(spent.values())),
      ...ceilingsOf('profile', ownBudget(profile), spent.get(profile.name) ?? NOTHING_SPENT),
    ];
  }

  /** One write at a time: what comes while the ledger is busy shares the next one. */
  private write(): Promise<void> {
    const written = this.writing.catch(() => undefined).then(() => this.writeAll());
    this.writing = written;
    return written;
  }

  private async writeAll(): Promise<void> {
    const batch = [...this.unwritten];
    if (batch.length === 0) return;
    await this.options.ledger.add(batch.map(({ entry }) => entry));
    this.unwritten.splice(0, batch.length);
    for (const { event } of batch) this.options.bus.publish(event);
  }
}
