import { guardEffects, guardWrites } from './guard-writes.js';
import { LeadLostError } from './orchestration.errors.js';
import type { OrchestrationOptions } from './orchestration.options.js';

/**
 * What the leader's parts work with: each write, to the store and outside, asks first whether this coordinator still
 * leads. Whoever was paused, or cut off, finds out before it does harm.
 */
export function ledOptions(options: OrchestrationOptions): OrchestrationOptions {
  const { leadership, queue, deliveries, runs, tracker, links, subIssues } = options;
  const { termMs } = leadership;
  if (termMs === null) return options;
  const assertLeads = async (): Promise<void> => {
    const askedAt = options.clock.monotonic();
    const holds = (await leadership.hold()) !== null;
    // An answer may lie there for long, where the process is paused.
    if (!holds || options.clock.monotonic() - askedAt >= termMs)
      throw new LeadLostError('Another coordinator leads now: this one writes nothing');
  };
  return {
    ...options,
    queue: guardWrites(queue, ['enqueue', 'move', 'settleBlocker'], assertLeads),
    deliveries: guardWrites(deliveries, ['settle'], assertLeads),
    runs: guardWrites(runs, ['note', 'resetRounds', 'beginReviewRound'], assertLeads),
    tracker: guardEffects(tracker, ['ensureComment', 'ensureStateLabel', 'ensureCommitStatus'], assertLeads),
    links: guardEffects(links, ['ensureLink', 'ensureNoLink'], assertLeads),
    subIssues: guardEffects(subIssues, ['ensureSubIssue', 'ensureLabel'], assertLeads),
  };
}
