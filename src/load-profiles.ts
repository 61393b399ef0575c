import { readFileSync } from 'node:fs';

import { defaultProfiles, parseProfileFile, type AgentProfile } from './agents/index.js';
import { InvalidConfigurationError, type AppConfig } from './config/index.js';
import { messageOf } from './kernel/index.js';

/**
 * The agent profiles of this service: those of the operator's file, else the default ones.
 *
 * @throws {InvalidConfigurationError} if the file cannot be read
 * @throws {InvalidProfileFileError} if the file has mistakes
 */
export function loadProfiles({ profiles, anthropic }: AppConfig): readonly AgentProfile[] {
  if (profiles.file !== null) return parseProfileFile(readProfileFile(profiles.file), profiles.secretOf);
  return defaultProfiles({
    anthropicApiKey: anthropic.apiKey,
    anthropicBaseUrl: anthropic.baseUrl,
    glmBaseUrl: profiles.glm.baseUrl,
    glmApiKey: profiles.glm.apiKey,
    minimaxBaseUrl: profiles.minimax.baseUrl,
    minimaxApiKey: profiles.minimax.apiKey,
  });
}

function readProfileFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidConfigurationError([`AGENT_PROFILES_FILE cannot be read: ${messageOf(error)}`]);
  }
}
