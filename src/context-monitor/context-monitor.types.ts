/** What should happen to an agent's session. Ordered from least to most urgent. */
export const CONTEXT_ACTIONS = ['continue', 'compact', 'rotate'] as const;
export type ContextAction = (typeof CONTEXT_ACTIONS)[number];

/**
 * One report of how full a session's window is, as an agent runtime sends it. Null is unknown, and so is zero: no model
 * call reads nothing.
 */
export interface ContextReading {
  readonly sessionId: string;
  readonly usedTokens: number | null;
  /** What of the window can be filled before the runtime refuses to go on. */
  readonly usableTokens: number | null;
}

export interface ContextAssessment {
  readonly sessionId: string;
  /** Share of the usable window in use, from 0, or null when it is unknown. Over 1 when the runtime let it. */
  readonly usage: number | null;
  readonly action: ContextAction;
  /** False when the session was last assessed to need the same action, so that it is told once. */
  readonly changed: boolean;
  /** Why, in one sentence. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly assessedAt: number;
}
