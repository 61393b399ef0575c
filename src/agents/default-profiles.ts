import type { AgentProfile } from './agent-profile.js';

/** Addresses and keys for the default profiles. Null where nothing is configured. */
export interface DefaultProfileSettings {
  readonly anthropicApiKey: string | null;
  /** Another address for the Anthropic profiles; null for the SDK's own. */
  readonly anthropicBaseUrl: string | null;
  readonly glmBaseUrl: string | null;
  readonly glmApiKey: string | null;
  readonly minimaxBaseUrl: string | null;
  readonly minimaxApiKey: string | null;
  /**
   * The name under which the self-hosted server serves the model.
   * @default 'glm'
   */
  readonly glmModel?: string;
  /**
   * The name under which the self-hosted server serves the model.
   * @default 'minimax'
   */
  readonly minimaxModel?: string;
}

/** The window that the API reports for the three Anthropic models. */
const ANTHROPIC_WINDOW = 1_000_000;
const SELF_HOSTED_WINDOW = 128_000;

/**
 * The profiles of a coordinator that nobody configured further: opus, sonnet and haiku at Anthropic, glm and minimax
 * self-hosted behind Anthropic-compatible addresses. One without its key or address is listed as unusable, so that a
 * person can read why it is never chosen.
 *
 * The prices are list prices, there to put the profiles in order; state your own in a profile file.
 */
export function defaultProfiles(settings: DefaultProfileSettings): AgentProfile[] {
  return [
    {
      ...anthropicProfile(settings),
      name: 'opus',
      model: 'claude-opus-5',
      difficultyUpTo: 'hard',
      prices: { input: 5, output: 25 },
      maxConcurrent: 2,
    },
    {
      ...anthropicProfile(settings),
      name: 'sonnet',
      model: 'claude-sonnet-5-5',
      difficultyUpTo: 'medium',
      prices: { input: 3, output: 15 },
      maxConcurrent: 4,
    },
    {
      ...anthropicProfile(settings),
      name: 'haiku',
      model: 'claude-haiku-5-5',
      difficultyUpTo: 'easy',
      prices: { input: 1, output: 5 },
      maxConcurrent: 4,
    },
    {
      ...selfHostedProfile(settings.glmBaseUrl, 'GLM_BASE_URL'),
      name: 'glm',
      model: settings.glmModel ?? 'glm',
      apiKey: settings.glmApiKey,
      difficultyUpTo: 'medium',
    },
    {
      ...selfHostedProfile(settings.minimaxBaseUrl, 'MINIMAX_BASE_URL'),
      name: 'minimax',
      model: settings.minimaxModel ?? 'minimax',
      apiKey: settings.minimaxApiKey,
      difficultyUpTo: 'easy',
    },
  ];
}

function anthropicProfile({ anthropicApiKey, anthropicBaseUrl }: DefaultProfileSettings) {
  return {
    runtime: 'embedded',
    baseUrl: anthropicBaseUrl,
    apiKey: anthropicApiKey,
    windowTokens: ANTHROPIC_WINDOW,
    maxOutputTokens: 16_384,
    isSelfHosted: false,
    unusableBecause: anthropicApiKey === null ? 'no key is configured: set ANTHROPIC_API_KEY' : null,
  };
}

function selfHostedProfile(baseUrl: string | null, variable: string) {
  return {
    runtime: 'embedded',
    baseUrl,
    windowTokens: SELF_HOSTED_WINDOW,
    maxOutputTokens: 8_192,
    prices: { input: 0, output: 0 },
    isSelfHosted: true,
    maxConcurrent: 2,
    unusableBecause: baseUrl === null ? `no address is configured: set ${variable}` : null,
  };
}
