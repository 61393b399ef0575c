export { usableWindow, type AgentProfile, type Prices, type ProfileBudget } from './agent-profile.js';
export type { AgentCapabilities, AgentRuntime, AgentSession, SessionSpec } from './agent-runtime.port.js';
export { AgentRegistry } from './agent-registry.js';
export {
  AgentSpawnError,
  DuplicateRuntimeError,
  InvalidAgentsOptionsError,
  InvalidScriptError,
  UnknownRuntimeError,
  UnknownSessionError,
} from './agents.errors.js';
export { CLOSURE_CAUSES, type ClosureCause, type ProfileClosed, type ProfileReopened } from './agents.events.js';
export { AgentsModule } from './agents.module.js';
export type { AgentsModuleOptions } from './agents.options.js';
export {
  NO_SPEND,
  TURN_STOPS,
  addSpend,
  type AgentEvent,
  type CompactionResult,
  type ContextUsage,
  type SessionRef,
  type Spend,
  type TurnResult,
  type TurnStop,
} from './agents.types.js';
export { InvalidEstimateError, NoCapableAgentError, type UnfitProfile } from './assignment.errors.js';
export {
  assignProfile,
  splitProposal,
  type AssignmentNeed,
  type EstimateFor,
  type SplitProposal,
} from './assignment.js';
export { defaultProfiles, type DefaultProfileSettings } from './default-profiles.js';
export { ModelAvailability, type ProfileClosure } from './model-availability.js';
export { InvalidProfileFileError, type ProfileFileMistake } from './profile-file.errors.js';
export { parseProfileFile } from './profile-file.js';
export type { AcpRuntimeModuleOptions } from './runtimes/acp/acp.options.js';
export { ACP_PRESET_NAMES } from './runtimes/acp/acp-presets.js';
export { AcpRuntime } from './runtimes/acp/acp.runtime.js';
export type { ClaudeRuntimeModuleOptions } from './runtimes/claude/claude.options.js';
export { ClaudeRuntime } from './runtimes/claude/claude.runtime.js';
export type { EmbeddedRuntimeModuleOptions } from './runtimes/embedded/embedded.options.js';
export { EmbeddedRuntime } from './runtimes/embedded/embedded.runtime.js';
export { readAgentScript } from './runtimes/scripted/read-agent-script.js';
export type { AgentScript, IssueScript, ScriptStep } from './runtimes/scripted/script.types.js';
export { ScriptedRuntime } from './runtimes/scripted/scripted.runtime.js';
