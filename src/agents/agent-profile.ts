import type { Difficulty } from '../kernel/index.js';

/** Prices in US dollars per million tokens. */
export interface Prices {
  readonly input: number;
  readonly output: number;
  /** @default a tenth of `input` */
  readonly cacheRead?: number;
  /** @default 1.25 times `input` */
  readonly cacheWrite?: number;
}

/** What a profile may spend on one day, by UTC; null: no budget. */
export interface ProfileBudget {
  /** Input, output, cache read and cache write, counted alike. */
  readonly tokensPerDay: number | null;
  readonly usdPerDay: number | null;
}

export const MODEL_PROTOCOLS = ['anthropic', 'openai', 'google'] as const;
/** The API that the address of a profile speaks, and with it the agent that is driven against it. */
export type ModelProtocol = (typeof MODEL_PROTOCOLS)[number];

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
  /** The API that `baseUrl` speaks. @default 'anthropic' */
  readonly protocol?: ModelProtocol;
  /** For `acp`: which known agent is started. Null or left out: `command` says it. */
  readonly preset?: string | null;
  /**
   * The program of the agent and its arguments: for `acp` the whole command, for `claude` its executable. Null or left
   * out: the preset's, or the one that was installed with the runtime.
   */
  readonly command?: readonly [string, ...string[]] | null;
  /** What all its runs together may spend on one day. Null or left out: no budget of its own. */
  readonly budget?: ProfileBudget | null;
  /** How many sessions of it may run at once. */
  readonly maxConcurrent: number;
  /** Why it cannot be used as configured, in a sentence; null when it can. */
  readonly unusableBecause: string | null;
}

/** What of a profile's window a conversation can fill; null when the window is unknown. */
export function usableWindow(profile: Pick<AgentProfile, 'windowTokens' | 'maxOutputTokens'>): number | null {
  return profile.windowTokens === null ? null : Math.max(0, profile.windowTokens - profile.maxOutputTokens);
}
