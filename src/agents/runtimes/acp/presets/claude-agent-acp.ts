import type { AcpPreset } from '../acp-preset.types.js';

/** What Claude Code keeps free of its window: measured with 2.1.330, at 200 000 and at 1 000 000 tokens. */
const RESERVED_TOKENS = 23_000;
/** The rest of its tools start other agents, reach the network or wait for somebody. */
const TOOLS = ['Bash', 'Read', 'Edit', 'Write', 'Glob', 'Grep'];

/** Claude Code behind the Agent Client Protocol, measured with 0.101.0. */
export const claudeAgentAcp: AcpPreset = {
  name: 'claude-agent-acp',
  command: ['claude-agent-acp'],
  install: 'npm install -g @agentclientprotocol/claude-agent-acp',
  protocols: ['anthropic'],
  instructionsBy: 'session',
  start: ({ profile, token, userHome }) => ({
    environment: {
      ANTHROPIC_BASE_URL: '{address}',
      ANTHROPIC_API_KEY: token,
      // The way out lets one model through; titles and summaries would ask for others.
      ANTHROPIC_MODEL: profile.model,
      ANTHROPIC_SMALL_FAST_MODEL: profile.model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: profile.model,
      ANTHROPIC_DEFAULT_SONNET_MODEL: profile.model,
      ANTHROPIC_DEFAULT_OPUS_MODEL: profile.model,
      CLAUDE_CODE_SUBAGENT_MODEL: profile.model,
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(profile.maxOutputTokens),
      CLAUDE_CONFIG_DIR: `${userHome}/.claude`,
      CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_AUTOUPDATER: '1',
      // The coordinator decides when to compact. It says so before the window is full.
      DISABLE_AUTO_COMPACT: '1',
    },
    files: {},
  }),
  // Sent again when a session is resumed: without it there are all tools and all settings of the repository.
  sessionMeta: ({ instructions }) => ({
    systemPrompt: { append: instructions },
    claudeCode: { options: { settingSources: [], strictMcpConfig: true, tools: TOOLS } },
  }),
  authMethod: null,
  // Without settings it begins in the mode "auto", in which it asks a model for each permission, many times over.
  sessionMode: 'default',
  compactCommand: 'compact',
  compactTakesWords: true,
  usage: 'live',
  usableTokens: (nominal) => Math.max(0, nominal - RESERVED_TOKENS),
  closeGraceMs: 0,
};
