import type { AcpPreset } from '../acp-preset.types.js';

/** Of a window, what Codex reports as its size. */
const REPORTED_SHARE = 0.95;
/** Where it shortens its history by itself, whatever it is told: a later limit is not taken. Measured with 0.166, 0.169. */
const USABLE_SHARE = 0.9;

/** Codex behind the Agent Client Protocol, measured with 2.6.0 and Codex 0.166, which it brings, and 0.169. */
export const codexAcp: AcpPreset = {
  name: 'codex-acp',
  command: ['codex-acp'],
  install: 'npm install -g @agentclientprotocol/codex-acp',
  protocols: ['openai'],
  instructionsBy: 'start',
  start: ({ profile, token, userHome, instructions }) => ({
    environment: {
      // Not under the temporary directory: Codex makes no programs of its own there, and then runs no commands.
      CODEX_HOME: `${userHome}/.codex`,
      CODEX_CONFIG: JSON.stringify(codexConfig(profile.model, profile.windowTokens)),
      MODEL_PROVIDER: 'coordinator',
      MODEL_TOKEN: token,
      // The sandbox around the whole agent is the coordinator's; a second one inside it cannot be made.
      INITIAL_AGENT_MODE: 'agent-full-access',
      NO_BROWSER: '1',
    },
    files: { '.codex/AGENTS.md': instructions },
  }),
  authMethod: null,
  sessionMode: null,
  compactCommand: 'compact',
  compactTakesWords: false,
  usage: 'live',
  usableTokens: (nominal, reported) => {
    const window = reported === null ? nominal : Math.round(reported / REPORTED_SHARE);
    return Math.floor(window * USABLE_SHARE);
  },
  closeGraceMs: 0,
};

function codexConfig(model: string, windowTokens: number | null): Record<string, unknown> {
  return {
    model,
    ...(windowTokens === null ? {} : { model_context_window: windowTokens }),
    model_provider: 'coordinator',
    // A tool of the provider's, which the way out refuses together with the call that offers it.
    web_search: 'disabled',
    model_providers: {
      coordinator: {
        name: 'coordinator',
        base_url: '{address}/v1',
        env_key: 'MODEL_TOKEN',
        wire_api: 'responses',
        supports_websockets: false,
      },
    },
  };
}
