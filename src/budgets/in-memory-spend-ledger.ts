import type { SpendEntry, SpendLedger, SpendTotal } from './spend-ledger.port.js';
import { NOTHING_SPENT, addTotals, totalOf } from './spend-total.js';
import { utcDay } from './utc-day.js';

/** Keeps what was spent as long as the process lives: for trying out and for tests. */
export class InMemorySpendLedger implements SpendLedger {
  private readonly byRun = new Map<string, SpendTotal>();
  private readonly byIssue = new Map<string, SpendTotal>();
  private readonly byDay = new Map<string, Map<string, SpendTotal>>();

  async add(entries: readonly SpendEntry[]): Promise<void> {
    // Before any is added, so that a wrong one adds nothing.
    const totals = entries.map((entry) => [entry, totalOf(entry)] as const);
    for (const [{ at, runId, issueId, profile }, total] of totals) {
      const day = utcDay(at);
      const ofDay = this.byDay.get(day) ?? new Map<string, SpendTotal>();
      this.byDay.set(day, ofDay);
      addTo(this.byRun, runId, total);
      addTo(this.byIssue, issueId, total);
      addTo(ofDay, profile, total);
    }
  }

  async ofRun(runId: string): Promise<SpendTotal> {
    return this.byRun.get(runId) ?? NOTHING_SPENT;
  }

  async ofIssue(issueId: string): Promise<SpendTotal> {
    return this.byIssue.get(issueId) ?? NOTHING_SPENT;
  }

  async ofDay(day: string): Promise<ReadonlyMap<string, SpendTotal>> {
    return new Map(this.byDay.get(day));
  }
}

function addTo(totals: Map<string, SpendTotal>, key: string, total: SpendTotal): void {
  totals.set(key, addTotals(totals.get(key) ?? NOTHING_SPENT, total));
}
