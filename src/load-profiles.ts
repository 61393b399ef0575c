import { readFileSync } from 'node:fs';

import { defaultProfiles, parseProfileFile, type AgentProfile } from './agents/index.js';
import type { AppConfig } from './config/index.js';

/**
 * The agent profiles of this service: those of the operator's file, else the default ones.
 *
 * @throws {InvalidProfileFileError} if the file has mistakes
 */
export function loadProfiles({ profiles, anthropic }: AppConfig): readonly AgentProfile[] {
  if (profiles.file !== null) return parseProfileFile(readFileSync(profiles.file, 'utf8'), profiles.secretOf);
  return defaultProfiles({
    anthropicApiKey: anthropic.apiKey,
    anthropicBaseUrl: anthropic.baseUrl,
    glmBaseUrl: profiles.glm.baseUrl,
    glmApiKey: profiles.glm.apiKey,
    minimaxBaseUrl: profiles.minimax.baseUrl,
    minimaxApiKey: profiles.minimax.apiKey,
  });
}
