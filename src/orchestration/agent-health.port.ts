import type { AgentProfile, TurnResult } from '../agents/index.js';

/** Learns from how turns end whether a profile can be used. */
export interface AgentHealth {
  /** Told of every turn that ended, in whatever way, before the run draws its conclusions. Must not throw. */
  noteTurn(profile: AgentProfile, turn: TurnResult): void;
}

/** Learns nothing. The default. */
export const UNWATCHED_HEALTH: AgentHealth = { noteTurn: () => undefined };
