import type { AgentProfile } from '../../agent-profile.js';

/**
 * What of a window Claude Code cannot fill: it keeps 20 000 tokens for an answer and refuses a prompt within 3 000 of
 * the rest. Measured with Claude Code 2.1.330: 177 000 of 200 000, 977 000 of 1 000 000.
 */
const KEPT_TOKENS = 23_000;

/** The window a session has: the smaller one of what the profile says and what Claude Code knows of the model. */
export function sessionWindow(
  { windowTokens, maxOutputTokens }: Pick<AgentProfile, 'windowTokens' | 'maxOutputTokens'>,
  reportedTokens: number | null,
): { readonly windowTokens: number | null; readonly usableTokens: number | null } {
  // Claude Code takes a model that it does not know to have a million, so that its word alone says little.
  if (windowTokens === null) return { windowTokens: null, usableTokens: null };
  const window = Math.min(windowTokens, reportedTokens ?? windowTokens);
  return { windowTokens: window, usableTokens: Math.max(0, window - Math.max(KEPT_TOKENS, maxOutputTokens)) };
}
