import type { CompactionResult, TurnResult } from '../../agents.types.js';

/** What was seen of a compaction. */
export interface CompactionSeen {
  /** How the turn ended that asked for it. */
  readonly turn: TurnResult;
  /** What the agent said of it; null where it does not tell. */
  readonly status: 'in_progress' | 'completed' | 'failed' | 'cancelled' | null;
  readonly error: string | null;
  /** Occupancy before it, and as reported since. Null where unknown. */
  readonly before: number | null;
  readonly after: number | null;
}

/**
 * Decides whether a history was shortened. The agent's word counts only as long as its own figures do not speak
 * against it.
 */
export function compactionResultOf({ turn, status, error, before, after }: CompactionSeen): CompactionResult {
  if (turn.stop !== 'end_turn') return failed(turn.detail ?? `The agent stopped with ${turn.stop}`);
  if (status === 'failed' || status === 'cancelled') return failed(error ?? `The agent says that it ${status}`);
  if (before !== null && after !== null && after >= before) {
    return failed(`The history did not become shorter: ${before} tokens before, ${after} after`);
  }
  return { succeeded: true, usedTokensAfter: after, detail: null };
}

function failed(detail: string): CompactionResult {
  return { succeeded: false, usedTokensAfter: null, detail };
}
