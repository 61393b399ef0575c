import type { AgentProfile, TurnResult } from '../../agents/index.js';
import type { DispatchGuard } from './dispatch-guard.port.js';

/** Learns from how turns end whether a profile can be used, and closes the ones that cannot. ModelAvailability is one. */
export interface AgentHealth extends DispatchGuard {
  /** Told of every turn that ended, in whatever way, before the run draws its conclusions. Must not throw. */
  noteTurn(profile: AgentProfile, turn: TurnResult): void;
  /** Told of every sign within a turn that the model answers. Must not throw. */
  noteAnswer(profile: AgentProfile): void;
}
