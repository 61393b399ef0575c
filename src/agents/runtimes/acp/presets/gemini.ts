import { windowWithoutAnswer, type AcpPreset } from '../acp-preset.types.js';

const API_KEY = 'gemini-api-key';

/** Gemini CLI, measured with 0.61. */
export const gemini: AcpPreset = {
  name: 'gemini',
  command: ['gemini', '--acp'],
  install: 'npm install -g @google/gemini-cli',
  protocols: ['google'],
  instructionsBy: 'start',
  start: ({ profile, token, userHome, instructions }) => ({
    environment: {
      GOOGLE_GEMINI_BASE_URL: '{address}',
      GEMINI_API_KEY: token,
      GEMINI_DEFAULT_AUTH_TYPE: API_KEY,
      GEMINI_MODEL: profile.model,
      GEMINI_CLI_HOME: userHome,
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      GEMINI_CLI_NO_RELAUNCH: 'true',
    },
    files: {
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: API_KEY } },
        privacy: { usageStatisticsEnabled: false },
        general: { disableAutoUpdate: true, disableUpdateNag: true },
        telemetry: { enabled: false },
      }),
      '.gemini/GEMINI.md': instructions,
    },
  }),
  authMethod: API_KEY,
  sessionMode: null,
  compactCommand: null,
  compactTakesWords: false,
  usage: 'never',
  usableTokens: windowWithoutAnswer,
  // It writes its session when it ends by itself; killed, it leaves none to resume.
  closeGraceMs: 3_000,
};
