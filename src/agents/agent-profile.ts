import type { Difficulty } from '../kernel/index.js';

/** Prices in US dollars per million tokens. */
export interface Prices {
  readonly input: number;
  readonly output: number;
}

/** An agent that work can be given to: how it is driven, by which model, and what it can take on. */
export interface AgentProfile {
  readonly name: string;
  /** The kind of AgentRuntime that drives it. */
  readonly runtime: string;
  readonly model: string;
  /** Base address of the model's API; null for the SDK's own. */
  readonly baseUrl: string | null;
  /** The key for that address; null where none is needed. A secret: never logged, never in a child's environment. */
  readonly apiKey: string | null;
  /** The nominal context window in tokens; null when unknown, and then nothing is assigned to it. */
  readonly windowTokens: number | null;
  /** What one answer may be long; that much of the window is not usable. */
  readonly maxOutputTokens: number;
  /** The hardest issues it is trusted with. */
  readonly difficultyUpTo: Difficulty;
  /** Null when unknown; zero for a self-hosted model. */
  readonly prices: Prices | null;
  readonly isSelfHosted: boolean;
  /** How many sessions of it may run at once. */
  readonly maxConcurrent: number;
  /** Why it cannot be used as configured, in a sentence; null when it can. */
  readonly unusableBecause: string | null;
}

/** What of a profile's window a conversation can fill; null when the window is unknown. */
export function usableWindow(profile: Pick<AgentProfile, 'windowTokens' | 'maxOutputTokens'>): number | null {
  return profile.windowTokens === null ? null : Math.max(0, profile.windowTokens - profile.maxOutputTokens);
}
