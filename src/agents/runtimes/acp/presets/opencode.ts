import type { AgentProfile, ModelProtocol } from '../../../agent-profile.js';
import { windowWithoutAnswer, type AcpPreset } from '../acp-preset.types.js';

/** The packages OpenCode calls each API by; they are part of its program. */
const PACKAGES: Readonly<Record<ModelProtocol, string>> = {
  anthropic: '@ai-sdk/anthropic',
  openai: '@ai-sdk/openai-compatible',
  google: '@ai-sdk/google',
};
const PATHS: Readonly<Record<ModelProtocol, string>> = { anthropic: '/v1', openai: '/v1', google: '/v1beta' };

/** OpenCode, measured with 1.18.33. */
export const opencode: AcpPreset = {
  name: 'opencode',
  command: ['opencode', 'acp'],
  install: 'npm install -g opencode-ai',
  protocols: ['anthropic', 'openai', 'google'],
  instructionsBy: 'start',
  start: ({ profile, protocol, token, instructions }) => ({
    environment: {
      // Read after the repository's own configuration, so that it has the last word.
      OPENCODE_CONFIG_CONTENT: JSON.stringify(openCodeConfig(profile, protocol, token)),
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    },
    files: { '.config/opencode/AGENTS.md': instructions },
  }),
  authMethod: null,
  sessionMode: null,
  compactCommand: 'compact',
  compactTakesWords: false,
  usage: 'turn-end',
  usableTokens: windowWithoutAnswer,
  closeGraceMs: 0,
};

function openCodeConfig(profile: AgentProfile, protocol: ModelProtocol, token: string): Record<string, unknown> {
  const { model, windowTokens, maxOutputTokens } = profile;
  const limit = windowTokens === null ? {} : { limit: { context: windowTokens, output: maxOutputTokens } };
  return {
    model: `coordinator/${model}`,
    small_model: `coordinator/${model}`,
    enabled_providers: ['coordinator'],
    provider: {
      coordinator: {
        name: 'coordinator',
        npm: PACKAGES[protocol],
        options: { baseURL: `{address}${PATHS[protocol]}`, apiKey: token },
        models: { [model]: { name: model, ...limit } },
      },
    },
    permission: { '*': 'allow' },
    autoupdate: false,
    share: 'disabled',
  };
}
