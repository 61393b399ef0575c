import { join } from 'node:path';
import type { Confinement } from '../../../command-runner/index.js';
import { proxyEnvironment, type EgressGate } from '../../../egress/index.js';
import type { SessionSpec } from '../../agent-runtime.port.js';
import { commandEnvironment, privateDirectories } from '../command-environment.js';
import { agentConfinement } from '../session-surroundings.js';
import type { ClaudeRuntimeOptions } from './claude.options.js';

/** Where Claude Code keeps its settings and the sessions it can resume. */
export function configDirectory(home: string): string {
  return join(home, 'claude');
}

/**
 * The whole environment of Claude Code, and of the commands it runs. The token stands in for the key: it opens the gate
 * of this session and nothing else.
 */
export function claudeEnvironment(
  { home, profile }: Pick<SessionSpec, 'home' | 'profile'>,
  options: ClaudeRuntimeOptions,
  token: string,
): Record<string, string> {
  const { commandPath: path, author } = options;
  return {
    ...commandEnvironment(home, { path, author }),
    CLAUDE_CONFIG_DIR: configDirectory(home),
    CLAUDE_CODE_TMPDIR: privateDirectories(home).temporary,
    ANTHROPIC_API_KEY: token,
    // Whatever Claude Code would use another model for: the gate lets no other one through.
    ANTHROPIC_MODEL: profile.model,
    ANTHROPIC_SMALL_FAST_MODEL: profile.model,
    ANTHROPIC_DEFAULT_OPUS_MODEL: profile.model,
    ANTHROPIC_DEFAULT_SONNET_MODEL: profile.model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: profile.model,
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(profile.maxOutputTokens),
    CLAUDE_CODE_MAX_RETRIES: String(options.modelRetries),
    BASH_DEFAULT_TIMEOUT_MS: String(options.commandTimeoutMs),
    BASH_MAX_TIMEOUT_MS: String(options.commandTimeoutLimitMs),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    // The coordinator decides when, and says what must be kept.
    DISABLE_AUTO_COMPACT: '1',
    // A command in the background outlives its turn, and its end begins another one that nobody asked for.
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
    // Without it Claude Code refuses, as root, to work without asking. The walls are those of the launcher.
    IS_SANDBOX: '1',
  };
}

/**
 * What Claude Code and its commands may reach: the workspace, the agent's own folders, its own program, and through the
 * gate its model.
 *
 * @param installation what the program consists of, with its links resolved
 */
export function claudeConfinement(
  spec: Pick<SessionSpec, 'home' | 'workspace' | 'readable'>,
  { socket }: Pick<EgressGate, 'socket'>,
  installation: string,
): Confinement {
  const environment = { ...proxyEnvironment(), ANTHROPIC_BASE_URL: '{address}' };
  const network = { socket, environment };
  const { writable, readable = [] } = agentConfinement(spec);
  return {
    writable: [...writable, configDirectory(spec.home)],
    readable: [installation, ...readable],
    network,
  };
}
