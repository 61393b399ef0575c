/** Names a session so that it can be resumed, in another process too. */
export interface SessionRef {
  readonly runtime: string;
  readonly id: string;
}

/**
 * How full the context window is. Unknown is null, never zero.
 */
export interface ContextUsage {
  /** Tokens that the last model call of the main loop read: input, cache read and cache write. */
  readonly usedTokens: number | null;
  /** The nominal window. */
  readonly windowTokens: number | null;
  /** What of the window a conversation can fill before the runtime refuses to go on. */
  readonly usableTokens: number | null;
}

/** What was paid for, in tokens. Another number than occupancy: each call pays its whole input again. */
export interface Spend {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

export const NO_SPEND: Spend = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

export function addSpend(a: Spend, b: Spend): Spend {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  };
}

export const TURN_STOPS = [
  'end_turn',
  'interrupted',
  'max_turns',
  'refusal',
  'context_exhausted',
  'auth',
  'rate_limit',
  'spend_limit',
  'crashed',
  'error',
] as const;
/**
 * Why a turn ended. *end_turn*: the agent says it is done. *interrupted*: we asked. *max_turns*: its own limit of
 * steps. *refusal*: the model declined. *context_exhausted*: the window is full, or the API refuses the history: only a
 * fresh session goes on. *auth*: the key was refused. *rate_limit*: the model is overloaded or asks to wait.
 * *spend_limit*: the account may spend no more; asking again does not help. *crashed*: the agent's process ended in the
 * middle of the turn. *error*: anything else, the network included.
 */
export type TurnStop = (typeof TURN_STOPS)[number];

export interface TurnResult {
  readonly stop: TurnStop;
  /** The agent's last words of the turn. */
  readonly text: string;
  /** For *auth*, *rate_limit*, *spend_limit*, *crashed* and *error*: what happened, in a sentence without secrets. */
  readonly detail: string | null;
  /** For *rate_limit* and *spend_limit*: how long the model asked to wait. */
  readonly retryAfterMs: number | null;
  /** For *error*: whether the model's address gave no answer, or that of a broken server. @default false */
  readonly isUnreachable?: boolean;
}

export interface CompactionResult {
  readonly succeeded: boolean;
  /** Occupancy after it; null where it is not known before the next turn. */
  readonly usedTokensAfter: number | null;
  /** Why it failed, in a sentence. */
  readonly detail: string | null;
}

/** What a session tells while it works. */
export type AgentEvent =
  /** A sign of life that says nothing else, such as a part of an answer. */
  | { readonly type: 'activity' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-started'; readonly tool: string; readonly summary: string }
  | { readonly type: 'tool-ended'; readonly tool: string; readonly isError: boolean; readonly durationMs: number }
  | { readonly type: 'usage'; readonly usage: ContextUsage }
  /** What was spent since the last event of this type. */
  | { readonly type: 'spend'; readonly spend: Spend }
  | { readonly type: 'model-retry'; readonly detail: string; readonly waitMs: number };
