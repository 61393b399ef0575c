import type { ModelProtocol } from '../../../agent-profile.js';
import { windowWithoutAnswer, type AcpPreset, type AcpStart } from '../acp-preset.types.js';

/** An agent that nothing is known of but its command: everything is found out as it speaks. */
export function ownCommand(command: readonly [string, ...string[]]): AcpPreset {
  return {
    name: command[0],
    command,
    install: null,
    protocols: ['anthropic', 'openai', 'google'],
    instructionsBy: 'prompt',
    start: ({ profile, protocol, token }) => ({
      environment: { ...modelVariables(protocol, token), MODEL_NAME: profile.model },
      files: {},
    }),
    authMethod: null,
    sessionMode: null,
    compactCommand: null,
    compactTakesWords: false,
    usage: 'never',
    usableTokens: windowWithoutAnswer,
    closeGraceMs: 0,
  };
}

/** The variables that the SDKs of each API read. */
function modelVariables(protocol: ModelProtocol, token: string): AcpStart['environment'] {
  switch (protocol) {
    case 'anthropic':
      return { ANTHROPIC_BASE_URL: '{address}', ANTHROPIC_API_KEY: token };
    case 'openai':
      return { OPENAI_BASE_URL: '{address}/v1', OPENAI_API_KEY: token };
    case 'google':
      return { GOOGLE_GEMINI_BASE_URL: '{address}', GEMINI_API_KEY: token };
  }
}
