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
