export { usableWindow, type AgentProfile, type Prices } from './agent-profile.js';
export type { AgentCapabilities, AgentRuntime, AgentSession, SessionSpec } from './agent-runtime.port.js';
export { AgentSpawnError, UnknownSessionError } from './agents.errors.js';
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
export { assignProfile, splitProposal, type AssignmentNeed, type SplitProposal } from './assignment.js';
export { defaultProfiles, type DefaultProfileSettings } from './default-profiles.js';
export { InvalidProfileFileError, type ProfileFileMistake } from './profile-file.errors.js';
export { parseProfileFile } from './profile-file.js';
