import type { AgentProfile, ModelProtocol } from '../../agent-profile.js';
import type { AcpPreset } from './acp-preset.types.js';
import { claudeAgentAcp } from './presets/claude-agent-acp.js';
import { codexAcp } from './presets/codex-acp.js';
import { gemini } from './presets/gemini.js';
import { opencode } from './presets/opencode.js';
import { ownCommand } from './presets/own-command.js';

const PRESETS: readonly AcpPreset[] = [claudeAgentAcp, codexAcp, opencode, gemini];

/** The agents that are known, as a profile names them. */
export const ACP_PRESET_NAMES: readonly string[] = PRESETS.map(({ name }) => name);

/** The APIs that a preset can call its model by, the usual one first; null for one that is not known. */
export function protocolsOfPreset(name: string): readonly [ModelProtocol, ...ModelProtocol[]] | null {
  return PRESETS.find((preset) => preset.name === name)?.protocols ?? null;
}

/**
 * The agent a profile names: a known one, perhaps by another command, or one of which the command alone is known. Null
 * where it names neither.
 */
export function presetOf({ preset, command }: Pick<AgentProfile, 'preset' | 'command'>): AcpPreset | null {
  const known = PRESETS.find(({ name }) => name === preset);
  if (known !== undefined) return command ? { ...known, command } : known;
  return preset || !command ? null : ownCommand(command);
}
