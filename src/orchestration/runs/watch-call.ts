/** What a watch asks of an agent that does not work as it should. */
export type Warning = 'silent' | 'too-long';

/** Bounds of one call to an agent, in milliseconds. */
export interface WatchLimits {
  /** How long it may give no sign of life while no tool runs. */
  readonly silenceMs: number;
  /** How long it may take. */
  readonly turnTimeoutMs: number;
  /** How long it may go on after it was asked to stop. */
  readonly interruptGraceMs: number;
}

/** What is known of a call that is under way. Times are those of the monotonic clock. */
export interface CallSigns {
  readonly startedAt: number;
  /** When its last sign of life came, or its beginning; later than now while it is known to wait. */
  readonly lastSignAt: number;
  readonly toolsRunning: number;
  /** When it was first told to end soon; null when it was not. */
  readonly stopAskedAt: number | null;
}

export type WatchDecision =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'interrupt'; readonly because: Warning }
  /** It was asked to stop and goes on: only the end of its process is left. */
  | { readonly do: 'close' };

/** Decides whether a call to an agent may go on, and when to look again. A tool that runs is no silence. */
export function watchCall(signs: CallSigns, limits: WatchLimits, now: number): WatchDecision {
  if (signs.stopAskedAt !== null) {
    const left = signs.stopAskedAt + limits.interruptGraceMs - now;
    return left > 0 ? { do: 'wait', ms: left } : { do: 'close' };
  }
  const timeLeft = signs.startedAt + limits.turnTimeoutMs - now;
  if (timeLeft <= 0) return { do: 'interrupt', because: 'too-long' };
  if (signs.toolsRunning > 0) return { do: 'wait', ms: timeLeft };
  const silenceLeft = signs.lastSignAt + limits.silenceMs - now;
  if (silenceLeft <= 0) return { do: 'interrupt', because: 'silent' };
  return { do: 'wait', ms: Math.min(timeLeft, silenceLeft) };
}
