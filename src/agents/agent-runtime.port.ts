import type { IssueRef } from '../kernel/index.js';
import type { AgentEvent, CompactionResult, ContextUsage, SessionRef, TurnResult } from './agents.types.js';
import type { AgentProfile } from './agent-profile.js';

/** What a kind of agent can do. What it cannot, the coordinator does another way. */
export interface AgentCapabilities {
  /** A session can be opened again after its process died. */
  readonly resume: boolean;
  /** A session can shorten its own history. Without it a full window is always handed over. */
  readonly compact: boolean;
  /** When occupancy is told: during a turn, at its end only, or never. */
  readonly usage: 'live' | 'turn-end' | 'never';
}

/** What a session is opened with. */
export interface SessionSpec {
  readonly issue: IssueRef;
  readonly profile: AgentProfile;
  /** The directory it works in, absolute. Its files are the only ones it may touch. */
  readonly workspace: string;
  /** What it may read besides, absolute: what a clone shares with others. Nothing when left out. */
  readonly readable?: readonly string[];
  /** A directory of the coordinator's for what the runtime must keep between processes, absolute. */
  readonly home: string;
  /** Who the agent is and how it works here. Rules of the coordinator, never text of an issue. */
  readonly instructions: string;
  /** The session to go on with; without it a new one. */
  readonly resume?: SessionRef;
  /** Told everything that happens, in order. Must not throw. */
  readonly onEvent: (event: AgentEvent) => void;
}

/** A kind of agent: how sessions of it are opened. */
export interface AgentRuntime {
  /** Its name in a profile. */
  readonly kind: string;
  /**
   * Opens a session, or goes on with `spec.resume`.
   *
   * @throws {AgentSpawnError} if the agent cannot be started
   * @throws {UnknownSessionError} if the session to resume is not there any more
   */
  open(spec: SessionSpec): Promise<AgentSession>;
}

/** One conversation with an agent. One call at a time, but for `interrupt` and `close`. */
export interface AgentSession {
  readonly ref: SessionRef;
  /** What this session can do; with some kinds it depends on the program that was found. */
  readonly capabilities: AgentCapabilities;
  /** Sends a prompt and resolves when the agent's turn is over. Never rejects: a failure is a way to stop. */
  prompt(text: string): Promise<TurnResult>;
  /**
   * Asks the running turn to end at the next tool boundary; a command that runs is ended. The turn then resolves as
   * *interrupted*, unless the agent ended it by itself first. Without a running turn it does nothing.
   */
  interrupt(): void;
  /**
   * Shortens the session's history, or leaves it as it was where that fails. Never rejects.
   *
   * @param keep what must survive, word for word
   */
  compact(keep: string): Promise<CompactionResult>;
  contextUsage(): ContextUsage;
  /** Ends the session's process tree at once; a running turn resolves as *interrupted*. What was saved stays resumable. */
  close(): Promise<void>;
}
